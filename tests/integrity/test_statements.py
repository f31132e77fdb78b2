from datetime import UTC, date, datetime

import pytest

from declarations.models import PaymentPeriod, StatementEvent
from declarations.services import load_payment_periods
from declarations.services.statements import PaymentPeriodRow
from tests.factories.schedules import CohortFactory, ScheduleFactory
from tests.integrity.conftest import (
    BY,
    LATER,
    change,
    change_with_history,
    declare,
    found,
    opened,
    opened_next,
    void,
)


def move(statement, *states):
    """Take a statement through states without its declarations."""
    for before, to in zip(("open", "payable"), states, strict=False):
        change(statement, state=to)
        StatementEvent.objects.create(
            statement=statement, from_state=before, to_state=to, at=LATER, **BY.columns()
        )


@pytest.mark.parametrize("states", [["payable"], ["payable", "paid"]])
def test_an_eligible_declaration_that_was_not_taken_along(eligible, states):
    move(eligible.statement, *states)
    assert found() == [
        (
            f"Declaration {eligible.pk} is eligible, which does not fit its statement"
            f" {eligible.statement_id}."
        )
    ]


def test_a_declaration_that_went_ahead_of_its_statement(eligible):
    change(eligible, state="payable")
    eligible.events.create(
        from_state="eligible",
        to_state="payable",
        statement=eligible.statement,
        at=LATER,
        command="test",
    )
    assert found() == [
        (
            f"Declaration {eligible.pk} is payable, which does not fit its statement"
            f" {eligible.statement_id}."
        )
    ]


def test_a_clawback_that_was_not_taken_along(paid):
    statement = opened_next(paid.lead_provider)
    void(paid)
    move(statement, "payable", "paid")
    assert found() == [
        (
            f"Declaration {paid.pk} is awaiting-clawback, which does not fit its clawback statement"
            f" {statement.pk}."
        )
    ]


def test_a_clawback_that_went_ahead(paid):
    statement = opened_next(paid.lead_provider)
    change(void(paid), state="clawed-back")
    paid.events.create(
        from_state="awaiting-clawback",
        to_state="clawed-back",
        statement=paid.statement,
        clawback_statement=statement,
        at=LATER,
        command="test",
    )
    assert found() == [
        (
            f"Declaration {paid.pk} is clawed-back, which does not fit its clawback statement"
            f" {statement.pk}."
        )
    ]


def test_on_a_statement_of_another_provider(eligible, other_provider):
    statement = opened(other_provider)
    change_with_history(eligible, statement=statement)
    assert found() == [
        f"Declaration {eligible.pk} is on statement {statement.pk} of another provider."
    ]


def test_on_a_clawback_statement_of_another_provider(paid, other_provider):
    statement = opened_next(other_provider)
    opened_next(paid.lead_provider)
    change_with_history(void(paid), clawback_statement=statement)
    assert found() == [f"Declaration {paid.pk} is on statement {statement.pk} of another provider."]


def test_on_a_statement_of_another_cohort(eligible):
    PaymentPeriod.objects.update(cohort=CohortFactory(start_year=2022))
    assert found() == [
        f"Declaration {eligible.pk} is on statement {eligible.statement_id} of another cohort."
    ]


def test_on_a_clawback_statement_of_another_cohort(paid):
    statement = opened_next(paid.lead_provider)
    void(paid)
    PaymentPeriod.objects.filter(pk=statement.period_id).update(
        cohort=CohortFactory(start_year=2022)
    )
    assert found() == [f"Declaration {paid.pk} is on statement {statement.pk} of another cohort."]


def test_waiting_although_a_statement_was_open(eligible):
    change_with_history(eligible, statement=None)
    assert found() == [
        f"Declaration {eligible.pk} is eligible and waits, although a statement is open for it."
    ]


def test_waiting_although_a_statement_was_opened_since(enrolment):
    waiting = declare(enrolment)
    opened_next(enrolment.lead_provider, at=LATER)
    assert found() == []
    change_with_history(waiting, statement=None)
    assert found() == [
        f"Declaration {waiting.pk} is eligible and waits, although a statement is open for it."
    ]


def test_a_clawback_waiting_although_a_statement_was_open(paid):
    opened_next(paid.lead_provider)
    change_with_history(void(paid), clawback_statement=None)
    assert found() == [
        (
            f"Declaration {paid.pk} is awaiting-clawback and waits, although a statement is open"
            " for it."
        )
    ]


def test_waiting_when_the_deadline_of_what_is_open_was_past(enrolment):
    opened(enrolment.lead_provider)
    late = datetime(2021, 12, 26, tzinfo=UTC)
    assert declare(enrolment, at=late).statement is None
    assert found() == []


def test_waiting_although_a_statement_took_on_until_the_end_of_that_day(enrolment):
    opened(enrolment.lead_provider)
    late = declare(enrolment, at=datetime(2021, 12, 25, 23, 59, tzinfo=UTC))
    change_with_history(late, statement=None)
    assert found() == [
        f"Declaration {late.pk} is eligible and waits, although a statement is open for it."
    ]


def test_waiting_while_only_statements_of_the_past_were_opened(enrolment):
    waiting = declare(enrolment)
    row = PaymentPeriodRow(
        cohort=2021,
        period="January 2022",
        deadline_date=date(2021, 12, 25),
        payment_date=date(2022, 1, 25),
    )
    load_payment_periods([row], by=BY, at=LATER)
    waiting.refresh_from_db()
    assert waiting.statement is None
    assert found() == []


def test_a_clawback_waiting_for_the_cohort_that_paid(enrolment, paid):
    void(paid)
    cohort = CohortFactory(start_year=2022)
    change(enrolment, cohort=cohort, schedule=ScheduleFactory(cohort=cohort))
    opened_next(enrolment.lead_provider, cohort=2022, at=LATER)
    paid.refresh_from_db()
    assert paid.clawback_statement is None
    assert found() == []
