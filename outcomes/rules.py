"""Pure decisions about outcomes and notifications (rules 9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from npq_portal.errors import BASE, ErrorCode, Refusal
from outcomes.choices import AttemptResult, NotificationState
from outcomes.choices import OutcomeState as State

POSTABLE = frozenset({State.PASSED, State.FAILED})
"""What a provider can post, and what a void retracts (rules 9.3, 9.5)."""

TRANSITIONS: dict[NotificationState, frozenset[NotificationState]] = {
    NotificationState.WAITING: frozenset({NotificationState.SENDING}),
    NotificationState.SENDING: frozenset(NotificationState),  # also from worker to worker
    NotificationState.SENT: frozenset({NotificationState.WAITING}),
    NotificationState.GIVEN_UP: frozenset({NotificationState.WAITING}),
}
"""Every step of a notification; those of the last two are for staff to cause (rules 9.6)."""

SETTLED = frozenset({NotificationState.SENT, NotificationState.GIVEN_UP})
"""Notifications that nothing more happens to by itself (rules 9.6)."""

TIMEOUT = 10
"""Seconds that Notify has to take a connection, and again to answer (rules 9.7)."""

LEASE = timedelta(minutes=1)
"""How long a worker holds a notification: its request, and then a first wait (rules 9.6)."""

FIRST_WAIT = timedelta(seconds=30)
"""The pause after a first failure, in which Notify will have stored what it took (rules 9.7)."""

LONGEST_WAIT = timedelta(hours=1)
MOST_TRIES = 30
"""With these waits the last try comes about a day after the first (rules 9.7)."""

RESULTS: dict[int, AttemptResult] = {
    400: AttemptResult.REFUSED,
    401: AttemptResult.MISCONFIGURED,
    403: AttemptResult.MISCONFIGURED,
    404: AttemptResult.MISCONFIGURED,
    405: AttemptResult.MISCONFIGURED,
    429: AttemptResult.TURNED_AWAY,
}
"""What a status that Notify refuses with means; with any other it may have taken the message."""

CERTAIN = frozenset({AttemptResult.SENT, AttemptResult.LOST})
"""What a look-up can tell for certain (rules 9.7)."""

OURS = ("template", "personalisation", "api key", "trial mode")
"""Words by which Notify says that a 400 is not about the address (rules 9.7)."""

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
        yield Refusal(
            "state",
            ErrorCode.INVALID,
            f"{state!r} is no such state; it must be passed or failed.",
        )
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


def refusal_to_repeat(newest: Newest, state: str, completion_date: date) -> Refusal | None:
    """Return why staff can't record what the newest outcome says already (rules 14.10)."""
    if is_repeat(newest, state, completion_date):
        return Refusal(BASE, ErrorCode.NOTHING_CHANGES, "The newest outcome says this already.")
    return None


def refusal_to_retract(newest: Newest | None) -> Refusal | None:
    """Return why there is nothing that staff could retract (rules 14.10)."""
    if not is_retracted_by_void(newest):
        return Refusal(BASE, ErrorCode.NOTHING_CHANGES, "There is no outcome to retract.")
    return None


def recorded_at(newest: Newest | None, at: datetime) -> datetime:
    """Return when the next outcome counts as recorded: strictly later than the newest."""
    return at if newest is None else max(at, newest.created_at + _MOMENT)


def is_retracted_by_void(newest: Newest | None) -> bool:
    """Return whether voiding the declaration adds a ``voided`` outcome (rules 9.5)."""
    return newest is not None and newest.state in POSTABLE


def is_notified_of_void(newest: Newest) -> bool:
    """Return whether the participant is told of the retraction (rules 9.5)."""
    return newest.state == State.PASSED


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a message after it was sent, or looked up; ``note`` says it in words."""

    result: AttemptResult
    note: str


def answer_to_sending(status: int | None, explanation: str = "") -> Answer:
    """Return what is known after Notify did not say that it took a message (rules 9.7).

    ``explanation`` is Notify's own. ``status`` is None when no answer could be read: none came in
    time, or the connection broke.
    """
    if status is None:
        return Answer(AttemptResult.UNKNOWN, "No answer could be read.")
    result = RESULTS.get(status, AttemptResult.UNKNOWN)
    if result == AttemptResult.REFUSED and any(word in explanation.casefold() for word in OURS):
        result = AttemptResult.MISCONFIGURED
    return Answer(result, f"The answer was {status}.")


def answer_to_look_up(status: int | None) -> Answer:
    """Return what a look-up that was not answered tells: nothing yet (rules 9.7)."""
    if status is None:
        return Answer(AttemptResult.UNKNOWN, "Looked up; no answer could be read.")
    result = RESULTS.get(status, AttemptResult.UNKNOWN)
    if result == AttemptResult.REFUSED:
        result = AttemptResult.MISCONFIGURED
    return Answer(result, f"Looked up; the answer was {status}.")


def result_after(before: AttemptResult, answered: AttemptResult) -> AttemptResult:
    """Return what an attempt came to, from what it was ``before`` and an answer (rules 9.7).

    One of unknown fate stays so until a look-up tells for certain.
    """
    if before == AttemptResult.UNKNOWN and answered not in CERTAIN:
        return AttemptResult.UNKNOWN
    return answered


def state_after(result: AttemptResult, tries: int) -> NotificationState:
    """Return where a notification stands after a ``result``; still sending: send now (rules 9.7).

    ``tries`` are those since it was queued, this one included and excused ones not. After the
    last message one more try is left, to look up what became of it.
    """
    if result == AttemptResult.SENT:
        return NotificationState.SENT
    if result == AttemptResult.MISCONFIGURED:
        return NotificationState.WAITING
    if result == AttemptResult.LOST and may_send(tries):
        return NotificationState.SENDING
    if result == AttemptResult.UNKNOWN and may_send(tries):
        return NotificationState.WAITING
    if result == AttemptResult.TURNED_AWAY and may_send(tries + 1):
        return NotificationState.WAITING
    return NotificationState.GIVEN_UP


def may_send(tries: int) -> bool:
    """Return whether the try numbered ``tries`` may send, or at most look up (rules 9.7)."""
    return tries <= MOST_TRIES


def has_time_to_send(held_from: datetime, at: datetime) -> bool:
    """Return whether a request begun at ``at`` leaves a first wait before the lease ends (9.7)."""
    return at - held_from <= LEASE - FIRST_WAIT - timedelta(seconds=2 * TIMEOUT)


def back_off(tries: int) -> timedelta:
    """Return the wait after the try numbered ``tries``: doubled each time, to an hour (9.7)."""
    doublings = min(tries - 1, 16)  # far past the longest wait, and no number grows without end
    return min(FIRST_WAIT * 2**doublings, LONGEST_WAIT)


def due_after(state: NotificationState, tries: int, *, at: datetime) -> datetime | None:
    """Return when a worker may take a notification that came to ``state`` at ``at`` (rules 9.6).

    ``tries`` are all of them since it was queued, the excused ones too.
    """
    if state == NotificationState.WAITING:
        return at + back_off(tries)
    return at + LEASE if state == NotificationState.SENDING else None


def refusals_to_send_again(state: str, *, has_changed: bool) -> Iterable[Refusal]:
    """Yield what keeps staff from sending a notification again (rules 9.8).

    ``has_changed`` says that it was tried since they looked at it.
    """
    if state not in SETTLED:
        yield Refusal(
            BASE,
            ErrorCode.NOT_RESENDABLE,
            f"The notification is {state}: it is on its way already, or will be tried by itself.",
        )
    elif has_changed:
        yield Refusal(
            BASE,
            ErrorCode.NOT_RESENDABLE,
            "The notification was tried since you looked at it; see what came of that first.",
        )
