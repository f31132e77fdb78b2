"""Pure decisions about declarations: their states, who is paid, and how much (rules 8 and 10).

As well as what staff may do about them, and about prices and periods (rules 2.8, 14.9 and 14.11).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from declarations.choices import DeclarationState as State
from npq_portal.clock import london_day
from npq_portal.errors import BASE, ErrorCode, Refusal
from schedules.choices import DeclarationType

COUNTED = frozenset({State.SUBMITTED, State.ELIGIBLE, State.PAYABLE, State.PAID})
"""Declarations that are, or may yet be, paid for."""

IN_SLOT = COUNTED | {State.INELIGIBLE}
"""Declarations that hold their application's slot for their type (rules 8.7)."""

UNPAID = frozenset({State.SUBMITTED, State.ELIGIBLE, State.PAYABLE, State.INELIGIBLE})
"""Declarations that a change of the application's facts assesses again (rules 10.3)."""

TRANSITIONS: dict[State, frozenset[State]] = {
    State.SUBMITTED: frozenset({State.ELIGIBLE, State.VOIDED, State.INELIGIBLE}),
    State.ELIGIBLE: frozenset({State.PAYABLE, State.VOIDED, State.INELIGIBLE, State.SUBMITTED}),
    State.PAYABLE: frozenset({State.PAID, State.VOIDED, State.INELIGIBLE}),
    State.PAID: frozenset({State.AWAITING_CLAWBACK}),
    State.INELIGIBLE: frozenset({State.VOIDED, State.SUBMITTED, State.ELIGIBLE}),
    State.AWAITING_CLAWBACK: frozenset({State.CLAWED_BACK}),
    State.VOIDED: frozenset(),
    State.CLAWED_BACK: frozenset(),
}
"""Every step a declaration can take, wherever the change comes from (rules 8.10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What payment of one declaration hangs on.

    ``withdrawn_at`` is the UTC instant of the withdrawal in force, None when there is none;
    ``started_cut_off`` the London day on which the schedule's started milestone is cut off, None
    when there is no such milestone or it is not cut off.
    """

    funded: bool
    duplicate: bool
    withdrawn_at: datetime | None
    started_cut_off: date | None


def left_before_cut_off(facts: Facts) -> bool:
    """Return whether the withdrawal came on a London day before the cut-off (rules 10.1)."""
    return (
        facts.withdrawn_at is not None
        and facts.started_cut_off is not None
        and london_day(facts.withdrawn_at) < facts.started_cut_off
    )


def assess(facts: Facts) -> State:
    """Return the state of a declaration on being recorded (rules 8.8, 10.1 to 10.3)."""
    if facts.duplicate or left_before_cut_off(facts):
        return State.INELIGIBLE
    return State.ELIGIBLE if facts.funded else State.SUBMITTED


def reassess(state: State, facts: Facts) -> State:
    """Return the state of a declaration in ``state`` after its facts changed (rules 10.3).

    Applying it again changes nothing. What is payable stays payable unless it is not to be paid
    at all; what has been paid or taken back is left alone.
    """
    if state not in UNPAID:
        return state
    assessed = assess(facts)
    if state == State.PAYABLE and assessed != State.INELIGIBLE:
        return state
    return assessed


def state_after_void(state: State) -> State | None:
    """Return what voiding makes of a declaration in ``state``, None if it can't be (rules 8.11)."""
    if state == State.PAID:
        return State.AWAITING_CLAWBACK
    return State.VOIDED if state in UNPAID else None


def refusal_to_void(state: State) -> Refusal | None:
    """Return why a provider can't take back a declaration in ``state`` (rules 8.11)."""
    if state_after_void(state) is None:
        return Refusal(
            BASE,
            ErrorCode.NOT_VOIDABLE,
            f"The declaration is {state} already and can't be voided again.",
        )
    return None


def refusal_to_void_unpaid(state: State) -> Refusal | None:
    """Return why staff can't void a declaration in ``state``, a paid one included (rules 14.9)."""
    if state == State.PAID:
        return Refusal(
            BASE, ErrorCode.NOT_VOIDABLE, "The declaration has been paid; claw it back instead."
        )
    return refusal_to_void(state)


def refusal_to_claw_back(state: State) -> Refusal | None:
    """Return why the payment of a declaration in ``state`` can't be taken back (rules 14.9)."""
    if state in UNPAID:
        return Refusal(
            BASE,
            ErrorCode.NOT_PAID,
            f"The declaration is {state}, and nothing was paid for it; void it instead.",
        )
    return refusal_to_void(state)


PENNY = Decimal("0.01")

DEAREST = Decimal("9999999.99")


def refusal_of_price(price: Decimal) -> Refusal | None:
    """Return why a contract can't pay ``price`` pounds (rules 2.8)."""
    if PENNY <= price <= DEAREST and price == price.quantize(PENNY):
        return None
    return Refusal(
        "price_per_participant",
        ErrorCode.INVALID,
        f"Give pounds above zero in whole pence, at most {DEAREST}.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodEdit:
    """What new dates (London days) of a payment period ask, on the London day ``today``.

    ``settled`` are the states of its statements that are no longer open.
    """

    dates: tuple[date, date]
    deadline_date: date
    payment_date: date
    settled: Collection[str]
    today: date


def refusals_to_edit_period(edit: PeriodEdit) -> Iterable[Refusal]:
    """Yield why a payment period can't have other dates (rules 14.11)."""
    if edit.settled:
        yield Refusal(
            BASE,
            ErrorCode.IN_USE,
            f"Statements of the period are {' and '.join(sorted(set(edit.settled)))} already.",
        )
    if edit.dates == (edit.deadline_date, edit.payment_date):
        yield Refusal(BASE, ErrorCode.NOTHING_CHANGES, "The dates are these already.")
    if edit.deadline_date < edit.today and edit.deadline_date != edit.dates[0]:
        yield Refusal(
            "deadline_date",
            ErrorCode.DEADLINE_PASSED,
            f"The deadline {edit.deadline_date} has passed; it must be today or later.",
        )
    if edit.payment_date < edit.deadline_date:
        yield Refusal(
            "payment_date",
            ErrorCode.INVALID,
            "The period would be paid before its deadline has passed.",
        )


def share_of_price(
    price_per_participant: Decimal, types: Collection[str], declaration_type: str
) -> Decimal | None:
    """Return what one declaration is worth, in pounds and whole pence (rules 10.8).

    The price of the whole course is shared equally among the ``types`` of its schedule. Each share
    is the difference of two rounded running totals, so that together they are the price to the
    penny. None when the schedule does not have the type.
    """
    in_order = [it for it in DeclarationType if it in types]
    if declaration_type not in in_order:
        return None
    number = in_order.index(DeclarationType(declaration_type))

    def running_total(count: int) -> Decimal:
        exact = price_per_participant * count / len(in_order)
        return exact.quantize(PENNY, ROUND_HALF_UP)

    return running_total(number + 1) - running_total(number)
