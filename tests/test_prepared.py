"""Queries whose SQL is made once (ADR 17)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DataError, connection, transaction
from django.db.models import IntegerField, Value
from django.db.models.functions import Cast
from django.test.utils import CaptureQueriesContext

from npq_portal.expressions import After, AnyOf, Spelt
from npq_portal.prepared import Prepared, Question, ask, columns_of, insert
from npq_portal.providers.models import ApiToken, LeadProvider
from tests.factories.providers import LONG_AGO, LeadProviderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def three():
    return [LeadProviderFactory(created_at=LONG_AGO + timedelta(days=day)) for day in range(3)]


def test_rows_are_those_of_the_values_given_each_time(three):
    named = Prepared(lambda name: LeadProvider.objects.filter(name=name).values_list("id", "name"))
    for provider in (*three, *three):
        assert named.rows(provider.name) == [(provider.pk, provider.name)]
    assert named.rows("Nobody") == []
    assert named.row("Nobody") is None


@pytest.fixture
def named():
    return Prepared(lambda name: LeadProvider.objects.filter(name=name).values_list("id"))


def test_questions_are_answered_in_their_order(three, named):
    questions = [Question(named, (it.name,), list) for it in three]
    assert ask(*questions) == [[(it.pk,)] for it in three]
    assert ask(Question(named, ("Nobody",), len)) == [0]


def test_values_of_every_kind_reach_their_places(three):
    token = ApiToken.objects.create(
        lead_provider=three[0], secret_hash="x", created_at=LONG_AGO, expires_on=date(2030, 1, 1)
    )
    of_all = Prepared(
        lambda text, day, instant, identifier, ids: ApiToken.objects.filter(
            AnyOf("lead_provider_id", ids),
            secret_hash=text,
            expires_on=day,
            created_at=instant,
            pk=identifier,
        ).values_list("description")
    )
    given = ["x", date(2030, 1, 1), LONG_AGO, token.pk, [it.pk for it in three]]
    others = ["y", date(2030, 1, 2), LONG_AGO + timedelta(1), uuid4(), [three[1].pk]]
    assert of_all.rows(*given) == [("",)]
    for place, other in enumerate(others):
        assert of_all.rows(*given[:place], other, *given[place + 1 :]) == []


def test_rows_can_be_cut_off_and_skipped(three):
    in_order = Prepared(
        lambda since: (
            LeadProvider.objects.filter(created_at__gte=since)
            .order_by("created_at")
            .values_list("id")
        )
    )
    ids = [(it.pk,) for it in three]
    assert in_order.rows(LONG_AGO) == ids
    assert in_order.rows(LONG_AGO, most=2) == ids[:2]
    assert in_order.rows(LONG_AGO, most=1, skipped=2) == ids[2:]
    assert in_order.row(LONG_AGO) == ids[0]


def test_a_row_is_saved_as_it_is():
    provider = LeadProvider(name="North", ukprn="10012345", created_at=LONG_AGO)
    token = ApiToken(lead_provider=provider, secret_hash="x", created_at=LONG_AGO)
    insert(provider, token)
    found = ApiToken.objects.select_related("lead_provider").get()
    for saved, read in ((token, found), (provider, found.lead_provider)):
        assert [getattr(saved, it) for it in columns_of(type(saved))] == [
            getattr(read, it) for it in columns_of(type(read))
        ]
    provider.ukprn = None
    provider.save()
    assert LeadProvider.objects.get().ukprn is None


if connection.vendor == "postgresql":

    def test_a_question_that_fails_leaves_the_connection_as_it_was(three, named):
        halved = Prepared(
            lambda number: LeadProvider.objects.annotate(
                half=Value(1) / Cast(number, IntegerField())
            ).values_list("half")
        )
        good, bad = Question(named, (three[0].name,), list), Question(halved, (0,), list)
        with pytest.raises(DataError, match="zero"), transaction.atomic():
            ask(good, bad, good)
        assert ask(good, good) == [[(three[0].pk,)]] * 2

    @pytest.mark.django_db(transaction=True)
    def test_only_a_row_that_may_be_lost_is_not_waited_for():
        def is_waited_for(name, **how):
            with CaptureQueriesContext(connection) as queries:
                insert(LeadProvider(name=name, created_at=LONG_AGO), **how)
            return "synchronous_commit" not in queries[0]["sql"]

        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = on")
            assert is_waited_for("North")
            assert not is_waited_for("East", may_be_lost=True)
            with transaction.atomic():
                assert is_waited_for("South", may_be_lost=True)
            assert LeadProvider.objects.count() == 3
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)
            cursor.execute("RESET synchronous_commit")


def test_what_comes_after_a_place_begins_behind_ties():
    instants = [LONG_AGO, LONG_AGO, LONG_AGO, LONG_AGO + timedelta(seconds=1)]
    made = [
        LeadProviderFactory.create(id=UUID(int=number), created_at=at)
        for number, at in enumerate(instants)
    ]
    for number, instant in enumerate(instants):
        place = (instant, UUID(int=number))
        after = LeadProvider.objects.filter(After(("created_at", "id"), place))
        assert set(after) == set(made[number + 1 :])


def test_an_id_is_answered_alike_however_the_database_spells_it(three):
    spelt = LeadProvider.objects.order_by("created_at").values_list(Spelt("id"))
    assert [str(it) for (it,) in spelt] == [str(it.pk) for it in three]


def test_instants_come_back_in_utc(three):
    query = Prepared(
        lambda identifier: LeadProvider.objects.filter(pk=identifier).values_list(
            "created_at", Value(True)
        )
    )
    instant = datetime(2022, 1, 25, 10, 30, 1, 5, tzinfo=UTC)
    provider = LeadProviderFactory.create(created_at=instant)
    (found, _), *_rest = query.rows(provider.pk)
    assert (found, found.utcoffset()) == (instant, timedelta())


if connection.vendor == "postgresql":  # elsewhere the query is made each time

    def test_the_sql_is_made_once_for_values_of_the_same_kinds(three):
        made = []

        def build(name):
            made.append(name)
            return LeadProvider.objects.filter(name=name).values_list("id")

        query = Prepared(build)
        for provider in three:
            assert query.rows(provider.name) == [(provider.pk,)]
        assert len(made) == 1

    def test_a_value_that_is_changed_on_its_way_is_an_error():
        query = Prepared(
            lambda name: LeadProvider.objects.filter(name=name.upper() + "!").values_list("id")
        )
        with pytest.raises(ValueError, match="does not reach the SQL"):
            query.rows("North")
