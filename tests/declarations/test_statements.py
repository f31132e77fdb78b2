from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from declarations.models import Declaration, PaymentPeriod, Statement
from declarations.services import (
    load_payment_periods,
    make_payable,
    mark_paid,
    reassess_declarations,
    reassess_schedule,
    relist_declarations,
    void_declaration,
)
from declarations.services.records import lock_providers
from declarations.services.statements import PaymentPeriodRow
from npq_portal.errors import ErrorCode, NotFound, Refused
from npq_portal.history import Actor
from npq_portal.providers.services import create_lead_provider
from schedules.models import Schedule
from tests.declarations.conftest import AT, BY
from tests.factories.participants import EnrolmentFactory
from tests.factories.providers import LeadProviderFactory
from tests.factories.schedules import CohortFactory

LATER = AT + timedelta(days=60)


def void(declaration, at=AT, provider=None):
    return void_declaration(
        lead_provider=provider or declaration.lead_provider,
        declaration_id=declaration.pk,
        by=BY,
        at=at,
    )


def test_from_recording_to_clawback(enrolment, declare, opened):
    declaration = declare(enrolment)
    assert declaration.statement is None
    (march,) = opened()
    declaration.refresh_from_db()
    assert declaration.statement == march
    assert make_payable(as_of=date(2022, 2, 25), by=BY, at=LATER) == []
    assert make_payable(as_of=date(2022, 2, 26), by=BY, at=LATER) == [march]
    assert mark_paid(statement_id=march.pk, by=BY, at=LATER)
    assert not mark_paid(statement_id=march.pk, by=BY, at=LATER)
    assert void(declaration, at=LATER).clawback_statement is None
    (july,) = opened(period="July 2022", deadline=date(2022, 6, 25), at=LATER)
    declaration.refresh_from_db()
    assert (declaration.statement, declaration.clawback_statement) == (march, july)
    make_payable(as_of=date(2022, 6, 26), by=BY, at=LATER)
    mark_paid(statement_id=july.pk, by=BY, at=AT)
    declaration.refresh_from_db()
    assert declaration.updated_at == LATER
    steps = declaration.events.order_by("id")
    assert list(steps.values_list("to_state", "statement", "clawback_statement")) == [
        ("eligible", None, None),
        ("eligible", march.pk, None),
        ("payable", march.pk, None),
        ("paid", march.pk, None),
        ("awaiting-clawback", march.pk, None),
        ("awaiting-clawback", march.pk, july.pk),
        ("clawed-back", march.pk, july.pk),
    ]
    with pytest.raises(Refused) as caught:
        void(declaration)
    assert caught.value.refusals[0].code == ErrorCode.NOT_VOIDABLE


def test_what_one_cohort_paid_is_taken_back_in_it_wherever_the_application_goes(
    enrolment, declare, opened
):
    opened()
    declaration = declare(enrolment)
    make_payable(as_of=date(2022, 2, 26), by=BY, at=LATER)
    mark_paid(statement_id=declaration.statement_id, by=BY, at=LATER)
    void(declaration, at=LATER)
    enrolment.cohort = CohortFactory(start_year=2022)
    enrolment.save()
    for cohort, taken_back in ((2022, False), (2021, True)):
        (statement,) = opened(cohort=cohort, period="July", deadline=date(2022, 6, 25), at=LATER)
        declaration.refresh_from_db()
        assert (declaration.clawback_statement == statement) is taken_back


def test_a_voided_declaration_leaves_its_statement(enrolment, declare, opened):
    opened()
    assert void(declare(enrolment)).statement is None


def test_only_the_submitter_voids_and_others_see_nothing(enrolment, declare):
    declaration = declare(enrolment)
    with pytest.raises(NotFound):
        void(declaration, provider=LeadProviderFactory())
    new_holder = LeadProviderFactory()
    enrolment.lead_provider = new_holder
    enrolment.save()
    relist_declarations(enrolment)
    with pytest.raises(Refused) as caught:
        void(declaration, provider=new_holder)
    assert caught.value.refusals[0].code == ErrorCode.NOT_SUBMITTER
    assert void(declaration).state == "voided"


def test_reassessment_follows_funding_there_and_back(enrolment, declare, opened):
    (march,) = opened()
    declaration = declare(enrolment)
    for funded, state, statement in ((False, "submitted", None), (True, "eligible", march)):
        enrolment.eligible_for_funding = funded
        enrolment.save()
        for changed in (1, 0):
            done = reassess_declarations(application=enrolment, by=BY, at=AT, reason="Funding.")
            assert done == changed
        declaration.refresh_from_db()
        assert (declaration.state, declaration.statement) == (state, statement)


def test_reassessing_a_schedule_takes_as_many_queries_for_many_as_for_few(db, declare, opened):
    CohortFactory()
    provider = LeadProviderFactory.create()
    opened(provider)
    costs = []
    for count in (1, 10):
        leavers = [EnrolmentFactory.create(lead_provider=provider) for _ in range(count)]
        for it in leavers:
            declare(it)
            it.withdrawn_at, it.training_status = AT - timedelta(days=30), "withdrawn"
            it.withdrawal_reason = "other"
            it.save()
        schedule = Schedule.objects.select_related("cohort").get()
        with CaptureQueriesContext(connection) as queries:
            reassess_schedule(schedule=schedule, by=BY, at=AT, reason="Cut off.")
        costs.append(len(queries))
    assert costs[0] == costs[1]
    assert Declaration.objects.filter(state="ineligible", statement=None).count() == 11


def test_opening_locks_many_providers_by_as_many_queries_as_one(db):
    for count in (1, 10):
        LeadProviderFactory.create_batch(count)
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            assert len(lock_providers(None)) >= count
        assert len([it for it in queries if "lead" in it["sql"]]) == 1


def test_periods_are_loaded_once_and_given_to_new_providers(db):
    CohortFactory()
    LeadProviderFactory()
    row = PaymentPeriodRow(
        cohort=2021,
        period="January 2022",
        deadline_date=date(2021, 12, 25),
        payment_date=date(2022, 1, 25),
    )
    assert load_payment_periods([row], by=BY, at=AT).added == 1
    assert load_payment_periods([row], by=BY, at=AT).same == 1
    moved: PaymentPeriodRow = {**row, "payment_date": date(2022, 1, 26)}
    assert len(load_payment_periods([moved], by=BY, at=AT).differing) == 1
    create_lead_provider(name="Late", by=BY, at=AT)
    assert Statement.objects.filter(period__payment_date=date(2022, 1, 25)).count() == 2
    with pytest.raises(Refused):
        load_payment_periods([{**row, "cohort": 1999}], by=BY, at=AT)


def test_periods_tell_who_opened_them_and_for_whom(enrolment, opened):
    opened(enrolment.lead_provider)
    opened()
    opened(period="July 2022", deadline=date(2022, 6, 25))
    versions = PaymentPeriod.history.order_by("history_id")
    assert list(versions.values_list("name", "for_every_provider", "history_change_reason")) == [
        ("March 2022", False, "test"),
        ("March 2022", True, "test"),
        ("July 2022", True, "test"),
    ]


def test_a_period_of_one_provider_is_loaded_for_all_and_reported_as_changed(enrolment, opened):
    (statement,) = opened(enrolment.lead_provider)
    row = PaymentPeriodRow(
        cohort=2021,
        period="March 2022",
        deadline_date=statement.period.deadline_date,
        payment_date=statement.period.payment_date,
    )
    loader = Actor(command="load_reference_data")
    report = load_payment_periods([row], by=loader, at=AT)
    assert (report.added, report.same, report.differing) == (0, 0, [])
    assert report.changed == ["March 2022 (cohort 2021) is for every provider now."]
    newest = PaymentPeriod.history.latest("history_id")
    assert (newest.for_every_provider, newest.history_change_reason) == (True, loader.command)
    again = load_payment_periods([row], by=loader, at=AT)
    assert (again.same, again.changed) == (1, [])


def test_opening_is_repeatable_and_refuses_other_dates_and_past_deadlines(enrolment, opened):
    assert opened() == opened(enrolment.lead_provider) == opened(period=" March 2022 ")
    for changes, code in (
        ({"period": "March\n2022"}, ErrorCode.INVALID),
        ({"deadline": date(2022, 2, 26)}, ErrorCode.DIFFERENT_DATES),
        ({"period": "New", "deadline": date(2022, 1, 9)}, ErrorCode.DEADLINE_PASSED),
    ):
        with pytest.raises(Refused) as caught:
            opened(**changes)
        assert caught.value.refusals[0].code == code


def test_the_commands(enrolment, declare, capsys):
    declaration = declare(enrolment)
    call_command(
        "open_statement",
        *("--cohort", "2021", "--period", "Far"),
        *("--deadline", "2999-01-01", "--payment", "2999-01-02"),
    )
    statement = Statement.objects.get()
    assert capsys.readouterr().out == f"{statement.pk}\n"
    with pytest.raises(CommandError):
        call_command("mark_paid", "--statement", str(statement.pk))
    call_command("make_payable", "--as-of", "2999-01-02")
    assert str(statement.pk) in capsys.readouterr().out
    statement.refresh_from_db()
    assert statement.state == "open"
    call_command("make_payable", "--as-of", "2999-01-02", "--yes")
    call_command("mark_paid", "--statement", str(statement.pk))
    call_command("mark_paid", "--statement", str(statement.pk))
    assert "already" in capsys.readouterr().err
    assert Declaration.objects.get(pk=declaration.pk).state == "paid"


def test_attaching_ignores_other_providers(enrolment, declare, opened):
    other = EnrolmentFactory()
    opened(other.lead_provider)
    assert declare(enrolment).statement is None
    assert declare(other).statement is not None


@pytest.mark.parametrize(
    "at", [datetime(2022, 6, 29, 23, 30, tzinfo=UTC), datetime(2022, 6, 30, 22, 30, tzinfo=UTC)]
)
def test_a_statement_is_opened_still_on_the_london_day_of_its_deadline(enrolment, opened, at):
    (statement,) = opened(deadline=date(2022, 6, 30), at=at)
    assert statement.state == "open"


def test_no_statement_is_opened_after_the_london_day_of_its_deadline(enrolment, opened):
    with pytest.raises(Refused) as caught:
        opened(deadline=date(2022, 6, 30), at=datetime(2022, 6, 30, 23, 30, tzinfo=UTC))
    assert caught.value.refusals[0].code == ErrorCode.DEADLINE_PASSED
