from decimal import Decimal

import pytest

from declarations.figures import Figures, Sums
from declarations.models import ContractPrice
from tests.factories.participants import ParticipantFactory
from tests.factories.schedules import CourseFactory, ScheduleFactory
from tests.integrity.conftest import LATER, change, declare, found, opened, pay


@pytest.fixture
def two_paid(enrol):
    """Two declarations of one course on one statement, paid with a third of £100 each."""
    first = enrol()
    second = enrol(participant=ParticipantFactory(), lead_provider=first.lead_provider)
    ContractPrice.objects.create(
        lead_provider=first.lead_provider,
        cohort=first.cohort,
        course=first.course,
        price_per_participant=Decimal(100),
    )
    opened(first.lead_provider)
    both = [declare(it) for it in (first, second)]
    return [pay(it) for it in both]


def test_a_price_for_one_and_none_for_the_other(two_paid):
    first, _ = two_paid
    change(first, amount=None)
    assert found() == [
        (
            f"Statement {first.statement_id} paid an amount for 1 of the 2 declarations for"
            " npq-headship, and none for the others."
        )
    ]


def test_two_prices_for_the_same(two_paid):
    first, _ = two_paid
    change(first, amount=first.amount + 1)
    assert found() == [
        (
            f"Statement {first.statement_id} paid 2 different amounts for started declarations for"
            " npq-headship."
        )
    ]


@pytest.mark.parametrize("name", ["course", "schedule"])
def test_who_was_paid_for_another_course_or_schedule_is_not_compared(two_paid, name):
    first, _ = two_paid
    others = {
        "course": CourseFactory(identifier="npq-senior-leadership"),
        "schedule": ScheduleFactory(identifier="npq-leadership-spring"),
    }
    change(first, amount=first.amount + 1, **{f"paid_{name}": others[name]})
    assert found() == []


@pytest.mark.parametrize("kind", ["course-changed", "schedule-changed", "reverted"])
def test_what_was_paid_is_compared_wherever_its_application_went(two_paid, kind):
    first, _ = two_paid
    change(first, amount=None)
    first.application.events.create(kind=kind, at=LATER, command="test")
    assert any("none for the others" in it for it in found())


def test_what_does_not_tell_what_it_was_paid_for_is_not_compared(two_paid):
    first, _ = two_paid
    change(first, amount=first.amount + 1, paid_course=None, paid_schedule=None)
    assert found() == []


@pytest.mark.parametrize(
    ("sums", "finding"),
    [
        (Sums(1, 0, Decimal("66.66")), "says 1 declarations and 0 clawbacks, but has 2 and 0."),
        (Sums(2, 1, Decimal("66.66")), "says 2 declarations and 1 clawbacks, but has 2 and 0."),
        (Sums(2, 0, Decimal("66.67")), "says a total of 66.67, but paid 66.66."),
    ],
)
def test_a_statement_that_says_something_else(two_paid, monkeypatch, sums, finding):
    statement = two_paid[0].statement_id
    monkeypatch.setattr(
        "npq_portal.back_office.integrity.money.figures_of",
        lambda _: {statement: Figures((), sums)},
    )
    assert found() == [f"Statement {statement} {finding}"]
