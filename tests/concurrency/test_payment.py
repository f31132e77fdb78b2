"""A statement is paid while what it is worth is being changed: what was seen is paid, or nothing.

The payment has compared what was authorised and is changing the declarations when the other begins.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from declarations.figures import Sums
from declarations.models import ContractPrice, Declaration
from declarations.services import (
    load_contract_prices,
    make_payable,
    mark_paid,
    set_contract_price,
)
from npq_portal.back_office.integrity import findings
from schedules.services.editing import add_milestone
from tests.concurrency.test_reference import (
    BY_PROVIDER,
    LONGEST_WAIT,
    apart,
    in_turn,
    remove,
    until_it_waits,
)
from tests.concurrency.test_reference import statement as statement

SEEN = Sums(declarations=1, clawbacks=0, total=Decimal("100.00"))


@pytest.fixture
def price(enrolment):
    """Return what the contract pays for a course whose schedule has three types."""
    return ContractPrice.objects.create(
        lead_provider=enrolment.lead_provider,
        cohort=enrolment.cohort,
        course=enrolment.course,
        price_per_participant=Decimal("300.00"),
    )


@pytest.fixture
def payable(statement):
    make_payable(as_of=date(2022, 1, 21), **BY_PROVIDER)
    return statement


def pay(statement, *, seen=SEEN, **arguments):
    return mark_paid(statement_id=statement.pk, seen=seen, **BY_PROVIDER, **arguments)


def pay_while(statement, act, *, seen=SEEN):
    """Pay, and let ``act`` begin when it is half done; return what came of that."""
    begun: list[Future[Any]] = []

    def begin(_count):
        if not begun:
            begun.append(threads.submit(apart, act))
            until_it_waits(begun[0])

    with ThreadPoolExecutor(1) as threads:
        assert pay(statement, seen=seen, progress=begin)
        return begun[0].result(LONGEST_WAIT)


def dearer(price, why):
    return set_contract_price(
        lead_provider_id=price.lead_provider_id,
        cohort_id=price.cohort_id,
        course_id=price.course_id,
        price_per_participant=Decimal("900.00"),
        **why,
    )


def add_type(schedule, why):
    return add_milestone(
        schedule_id=schedule.pk,
        declaration_type="retained-2",
        start_date=date(2021, 11, 1),
        cut_off_date=None,
        payment_date=None,
        **why,
    )


def paid_amount():
    assert list(findings()) == []
    return Declaration.objects.get(state="paid").amount


def test_a_price_that_changes_meanwhile_does_not_change_what_was_authorised(price, payable, why):
    changed = pay_while(payable, partial(dearer, price, why))
    assert changed.price_per_participant == Decimal("900.00")
    assert paid_amount() == SEEN.total


def test_what_was_authorised_without_a_price_is_paid_without(enrolment, payable):
    row: Any = {
        "lead_provider": enrolment.lead_provider,
        "cohort": enrolment.cohort,
        "course": enrolment.course,
        "price_per_participant": Decimal("300.00"),
    }
    load = partial(load_contract_prices, [row], by=BY_PROVIDER["by"])
    assert pay_while(payable, load, seen=Sums(1, 0, None)).added == 1
    assert paid_amount() is None


@pytest.mark.parametrize(
    "change", [lambda schedule, why: remove(schedule, "retained-1", why), add_type]
)
def test_types_are_shared_among_as_they_were_seen(enrolment, price, payable, why, change):
    refused = pay_while(payable, partial(change, enrolment.schedule, why))
    assert refused == {"base": "declarations-conflict"}
    assert paid_amount() == SEEN.total


@pytest.mark.parametrize(
    "change",
    [
        dearer,
        lambda price, why: add_type(price.course.group.schedules.get(), why),
    ],
)
def test_what_is_being_changed_is_not_authorised_as_it_was(price, payable, why, change):
    refused = in_turn(partial(change, price, why), partial(pay, payable))
    assert refused == {"base": "figures-changed"}
    payable.refresh_from_db()
    assert payable.state == "payable"
    assert list(findings()) == []
