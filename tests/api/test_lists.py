"""Lists: the same few queries at any size, in one order, each row seen once."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from declarations.models import Declaration, DeclarationListing
from declarations.services.listing import listing_of
from npq_portal.identifiers import new_id
from outcomes.models import Outcome, OutcomeListing
from participants.models import Application, Participant
from participants.services.records import list_participants
from schedules.models import Schedule
from tests.api.conftest import gather_statistics

MANY = 3000
LISTS = (
    "/participants/npq",
    "/participant-declarations",
    "/participants/npq/outcomes",
    "/npq-applications",
)
CSV = ("/participant-declarations.csv", "/npq-applications.csv")
START = datetime(2021, 11, 1, tzinfo=UTC)


@pytest.fixture
def enrol(provider, application):
    """Return a function that adds enrolments of as many people, all passed, a second apart."""

    def make(count, start=START, of=provider[0]):
        times = [start + timedelta(seconds=number) for number in range(count)]
        people = Participant.objects.bulk_create(
            Participant(full_name="Ada", email="a@example.org", created_at=at, updated_at=at)
            for at in times
        )
        schedule = Schedule.objects.get(identifier="npq-leadership-autumn")
        applications = Application.objects.bulk_create(
            Application(
                participant=person,
                lead_provider=of,
                course=application.course,
                cohort=application.cohort,
                status="accepted",
                accepted_at=at,
                schedule=schedule,
                training_status="active",
                created_at=at,
                updated_at=at,
            )
            for person, at in zip(people, times, strict=True)
        )
        list_participants(applications, at=start)
        declarations = Declaration.objects.bulk_create(
            Declaration(
                application=it,
                lead_provider=of,
                declaration_type="completed",
                declaration_date=it.created_at,
                has_passed=True,
                state="submitted",
                created_at=it.created_at,
                updated_at=it.created_at,
            )
            for it in applications
        )
        DeclarationListing.objects.bulk_create(listing_of(it) for it in declarations)
        add_outcomes(
            Outcome(
                id=new_id(),
                declaration=it,
                state="passed",
                completion_date=it.created_at.date(),
                created_at=it.created_at,
                at=it.created_at,
                command="test",
            )
            for it in declarations
        )
        return applications

    return make


def add_outcomes(outcomes):
    OutcomeListing.objects.bulk_create(
        OutcomeListing(
            outcome=it, lead_provider=it.declaration.lead_provider, created_at=it.created_at
        )
        for it in Outcome.objects.bulk_create(outcomes)
    )


def queries_and_rows(call, path):
    with CaptureQueriesContext(connection) as captured:
        answer = call("GET", path)
        if answer.streaming:
            return len(b"".join(answer.streaming_content).splitlines()) - 1, captured
        return len(answer.json()["data"]), captured


@pytest.mark.parametrize("path", [*(f"{it}?page[per_page]=3000" for it in LISTS), *CSV])
def test_a_list_of_thousands_takes_the_queries_of_a_list_of_one(call, enrol, application, path):
    Application.objects.filter(pk=application.pk).delete()
    enrol(1)
    call("GET", path)  # notes the first use of the token
    rows, few = queries_and_rows(call, path)
    assert rows == 1
    enrol(MANY - 1, START + timedelta(days=1))
    gather_statistics()
    rows, many = queries_and_rows(call, path)
    assert rows == MANY
    assert len(many) == len(few) <= 5


def test_one_participants_outcomes_take_the_same_queries_at_any_number(call, enrol):
    (enrolment,) = enrol(1)
    path = f"/participants/npq/{enrolment.participant_id}/outcomes?page[per_page]=3000"
    call("GET", path)
    _, few = queries_and_rows(call, path)
    declaration = Declaration.objects.get(application=enrolment)
    add_outcomes(
        Outcome(
            id=new_id(),
            declaration=declaration,
            state="failed",
            completion_date=START.date(),
            created_at=START + timedelta(seconds=number),
            at=START,
            command="test",
        )
        for number in range(1, MANY)
    )
    gather_statistics()
    rows, many = queries_and_rows(call, path)
    assert (rows, len(many)) == (MANY, len(few))


@pytest.mark.parametrize("path", LISTS)
def test_lists_are_ordered_by_creation_then_by_id(call, enrol, path):
    for day in (3, 1, 2):
        enrol(3, START + timedelta(days=day))
    Application.objects.update(created_at=START)
    Declaration.objects.update(created_at=START)
    DeclarationListing.objects.update(created_at=START)
    everything = call("GET", path).json()["data"]
    one_by_one = [
        call("GET", f"{path}?page[page]={number}&page[per_page]=1").json()["data"][0]
        for number in range(1, len(everything) + 1)
    ]
    assert one_by_one == everything
    ids = [UUID(it["id"]) for it in everything]
    if path in {"/participant-declarations", "/npq-applications"}:  # all created at once
        assert ids == sorted(ids)
    assert call("GET", f"{path}?page[page]=99").json() == {"data": []}


def test_more_than_three_thousand_a_page_count_as_three_thousand(call, enrol):
    enrol(MANY + 1)
    gather_statistics()
    answer = call("GET", "/participant-declarations?page[per_page]=3001")
    assert len(answer.json()["data"]) == MANY
    assert 'rel="next"' in answer["Link"]
    assert len(call("GET", "/participant-declarations").json()["data"]) == 100


@pytest.mark.parametrize("path", LISTS)
def test_the_last_page_leads_nowhere(call, enrol, path):
    enrol(2)
    assert "Link" not in call("GET", path)
    assert "Link" in call("GET", f"{path}?page[per_page]=1")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/participants/npq", "updated_since"),
        ("/participant-declarations", "updated_since"),
        ("/participant-declarations.csv", "updated_since"),
        ("/npq-applications", "updated_since"),
        ("/npq-applications.csv", "updated_since"),
        ("/participants/npq/outcomes", "created_since"),
    ],
)
@pytest.mark.parametrize(
    ("instant", "rows"),
    [
        ("2022-01-01T00:00:00Z", 1),
        ("2022-01-01T00:00:01Z", 0),
        ("2022-01-01T01:00:00%2B01:00", 1),
        ("2022-01-01T01:00:00%252B01%253A00", 1),
        ("2022-01-01T01:00:00+01:00", 1),
        ("2022-01-01T00:00:00-00:01", 0),
    ],
)
def test_since_includes_its_instant_however_it_is_encoded(
    call, enrol, application, path, name, instant, rows
):
    Application.objects.filter(pk=application.pk).delete()
    enrol(1, datetime(2022, 1, 1, tzinfo=UTC))
    assert queries_and_rows(call, f"{path}?filter[{name}]={instant}")[0] == rows


@pytest.mark.parametrize(
    "path", ["/participants/npq", "/npq-applications", "/npq-applications.csv"]
)
@pytest.mark.parametrize(
    ("years", "rows"), [("2021", 1), ("2022", 0), ("2022,2021", 1), ("0000", 0)]
)
def test_a_cohort_that_is_none_matches_nothing(call, enrol, application, path, years, rows):
    Application.objects.filter(pk=application.pk).delete()
    enrol(1)
    assert queries_and_rows(call, f"{path}?filter[cohort]={years}")[0] == rows


def test_a_hundred_participants_can_be_asked_for_and_no_more(call, enrol):
    (enrolment, _other) = enrol(2)
    path = "/participant-declarations?filter[participant_id]="
    ids = [str(enrolment.participant_id).upper(), *(str(new_id()) for _ in range(99))]
    assert len(call("GET", path + ",".join(ids)).json()["data"]) == 1
    answer = call("GET", path + ",".join([*ids, str(new_id())]))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["title"] == "filter[participant_id]"


def test_other_parameters_are_ignored(call, enrol):
    enrol(1)
    for others in ("sort=x&include=y", "&".join(f"a{it}" for it in range(1_200))):
        assert len(call("GET", f"/participants/npq?{others}").json()["data"]) == 1


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("filter[cohort]", "2021", "2022"),
        ("filter[cohort]", "no-year", "2021"),
        ("filter[updated_since]", "2021-01-01T00:00:00Z", "2021-01-01T00:00:00Z"),
        ("page[page]", "x", "1"),
        ("page[per_page]", "1", "2"),
    ],
)
def test_what_is_given_twice_is_refused_as_either_would_be_lost(call, name, first, second):
    answer = call("GET", f"/participants/npq?{name}={first}&{name}={second}")
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["source"] == {"parameter": name}
    assert error["detail"].startswith("Give it once;")


def test_statements_take_the_same_queries_at_any_number(call, enrol, provider):
    enrol(3)
    Declaration.objects.update(state="eligible", statement=provider[0].statements.first())
    path = "/statements?page[per_page]="
    call("GET", path + "1")
    _, few = queries_and_rows(call, path + "1")
    rows, many = queries_and_rows(call, path + "100")
    assert (rows, len(many)) == (9, len(few))
    assert len(many) <= 8
