"""Pure decisions about outcomes (rules 9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from npq_portal.errors import ErrorCode, Refusal
from outcomes.choices import OutcomeState as State

POSTABLE = frozenset({State.PASSED, State.FAILED})
"""What a provider can post, and what a void retracts (rules 9.3, 9.5)."""

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """What is asked of the newest outcome of a declaration; ``created_at`` is a UTC instant."""

    state: str
    completion_date: date
    created_at: datetime


def first_state(has_passed: bool) -> State:
    """Return the outcome recorded with a completed declaration (rules 9.2)."""
    return State.PASSED if has_passed else State.FAILED


def refusals_to_post(
    state: str | None, completion_date: date | None, today: date
) -> Iterable[Refusal]:
    """Yield what is wrong with an outcome posted on the London day ``today`` (rules 9.3)."""
    if state is None:
        yield Refusal("state", ErrorCode.MISSING, "Give a state: passed or failed.")
    elif state == State.VOIDED:
        yield Refusal(
            "state",
            ErrorCode.VOIDED_NOT_POSTABLE,
            "An outcome can't be voided; void the completed declaration instead.",
        )
    elif state not in POSTABLE:
        yield Refusal("state", ErrorCode.INVALID, "The state must be passed or failed.")
    if completion_date is None:
        yield Refusal(
            "completion_date", ErrorCode.MISSING, "Give a completion_date, as 2026-01-31."
        )
    elif completion_date > today:
        yield Refusal(
            "completion_date",
            ErrorCode.DATE_IN_FUTURE,
            f"{completion_date} is in the future; give today ({today}) or an earlier day.",
        )


def is_repeat(newest: Newest | None, state: str, completion_date: date) -> bool:
    """Return whether the newest outcome says exactly this already (rules 9.4)."""
    return (
        newest is not None and newest.state == state and newest.completion_date == completion_date
    )


def recorded_at(newest: Newest | None, at: datetime) -> datetime:
    """Return when the next outcome counts as recorded: strictly later than the newest."""
    return at if newest is None else max(at, newest.created_at + _MOMENT)


def is_retracted_by_void(newest: Newest | None) -> bool:
    """Return whether voiding the declaration adds a ``voided`` outcome (rules 9.5)."""
    return newest is not None and newest.state in POSTABLE


def is_notified_of_void(newest: Newest) -> bool:
    """Return whether the participant is told of the retraction (rules 9.5)."""
    return newest.state == State.PASSED
