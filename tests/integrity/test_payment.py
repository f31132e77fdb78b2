from datetime import UTC, date, datetime, timedelta

import pytest

from participants.models import ApplicationEvent
from schedules.models import Milestone
from tests.integrity.conftest import (
    LATER,
    PAID,
    change,
    change_and_tell,
    declare,
    found,
    pay,
    rescheduled,
    withdraw,
)

EARLY = datetime(2021, 12, 24, 12, tzinfo=UTC)
ON_THE_CUT_OFF = datetime(2021, 12, 25, 12, tzinfo=UTC)


def test_eligible_without_funding(enrolment, eligible):
    change(enrolment, eligible_for_funding=False)
    assert found() == [f"Declaration {eligible.pk} is eligible, but its facts make it submitted."]


def test_unpaid_in_spite_of_funding(enrol):
    enrolment = enrol(eligible_for_funding=False)
    submitted = declare(enrolment)
    change(enrolment, eligible_for_funding=True)
    assert found() == [f"Declaration {submitted.pk} is submitted, but its facts make it eligible."]


def test_ineligible_for_no_reason(enrolment, eligible):
    withdraw(enrolment, at=EARLY)
    active = {"training_status": "active", "withdrawn_at": None, "withdrawal_reason": None}
    change_and_tell(enrolment, **active)
    assert found() == [f"Declaration {eligible.pk} is ineligible, but its facts make it eligible."]


def test_payable_after_a_withdrawal_before_the_cut_off(enrolment, eligible):
    withdrawn = {
        "training_status": "withdrawn",
        "withdrawn_at": EARLY,
        "withdrawal_reason": "other",
    }
    change_and_tell(enrolment, **withdrawn)
    assert found() == [f"Declaration {eligible.pk} is eligible, but its facts make it ineligible."]


def withdrawal(enrolment, *, of, recorded_at):
    """Withdraw as of an instant, with history, after which nobody looked at the declarations."""
    values = {"training_status": "withdrawn", "withdrawn_at": of, "withdrawal_reason": "other"}
    change(enrolment, **values)
    return ApplicationEvent.objects.create(
        application=enrolment,
        kind="withdrawn",
        after={**values, "withdrawn_at": of.isoformat()},
        at=recorded_at,
        command="test",
    )


def test_paid_after_a_withdrawal_before_the_cut_off(enrolment, eligible):
    withdrawal(enrolment, of=EARLY, recorded_at=EARLY)
    pay(eligible)
    assert found() == [
        (
            f"Declaration {eligible.pk} was paid, although the participant had withdrawn before the"
            " started cut-off."
        )
    ]


@pytest.mark.parametrize(
    ("of", "recorded_at"),
    [
        pytest.param(ON_THE_CUT_OFF, ON_THE_CUT_OFF, id="on the cut-off day"),
        pytest.param(EARLY, LATER, id="told after payment"),
        pytest.param(EARLY, PAID - timedelta(seconds=20), id="told while payment was made"),
    ],
)
def test_rightly_paid_in_spite_of_a_withdrawal(enrolment, eligible, of, recorded_at):
    withdrawal(enrolment, of=of, recorded_at=recorded_at)
    pay(eligible)
    assert found() == []


def test_what_was_paid_is_not_judged_by_a_schedule_that_came_later(enrolment, eligible):
    withdrawal(enrolment, of=ON_THE_CUT_OFF, recorded_at=ON_THE_CUT_OFF)
    pay(eligible)
    Milestone.objects.filter(declaration_type="started").update(cut_off_date=date(2022, 2, 25))
    rescheduled(enrolment)
    assert found() == []


def test_paid_after_the_participant_was_taken_back(enrolment, eligible):
    withdrawal(enrolment, of=EARLY, recorded_at=EARLY)
    active = {"training_status": "active", "withdrawn_at": None, "withdrawal_reason": None}
    change(enrolment, **active)
    ApplicationEvent.objects.create(
        application=enrolment, kind="resumed", after=active, at=ON_THE_CUT_OFF, command="test"
    )
    pay(eligible)
    assert found() == []
