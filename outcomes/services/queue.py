"""The queue of notifications: taking one, and writing down what came of it (rules 9.6, 9.7).

Each is a transaction of its own, and who writes must still hold the lease. The network is reached
between them, never within.
"""

from datetime import datetime

from django.db import transaction

from npq_portal.identifiers import new_id
from outcomes.choices import AttemptResult, Channel, NotificationState
from outcomes.models import Notification, NotificationAttempt
from outcomes.rules import (
    LEASE,
    TRANSITIONS,
    Answer,
    due_after,
    result_after,
    state_after,
)

PARTS_OF_MESSAGE = (
    "outcome__declaration__application__participant",
    "outcome__declaration__application__course",
    "outcome__declaration__lead_provider",
)


class LeaseLost(Exception):
    """Another worker has taken the notification since; what becomes of it is up to that one."""


def take_next(*, at: datetime, due_by: datetime) -> Notification | None:
    """Take the notification that is due longest at ``due_by``, and hold it from ``at`` (UTC).

    Returns None when none is due. One whose worker did not come back is taken as well, and the
    fate of what that was sending is unknown from now on.
    """
    # Asked before locking, so that idle workers don't take SQLite's only write lock every second.
    if not Notification.objects.due(due_by).exists():
        return None
    with transaction.atomic():
        due = Notification.objects.due(due_by).select_related(*PARTS_OF_MESSAGE)
        notification = due.select_for_update(of=("self",), skip_locked=True).first()
        if notification is None:
            return None
        notification.attempts.filter(result=AttemptResult.UNDER_WAY).update(
            result=AttemptResult.UNKNOWN, ended_at=at, note="The worker ended before it could tell."
        )
        notification.lease = new_id()
        notification.tries += 1
        _move(notification, NotificationState.SENDING, due_at=at + LEASE)
    return notification


def attempt_of_unknown_fate(notification: Notification) -> NotificationAttempt | None:
    """Return the attempt whose fate must be known before another is begun."""
    return notification.attempts.filter(result=AttemptResult.UNKNOWN).first()


@transaction.atomic
def begin_attempt(
    notification: Notification, channel: Channel, *, at: datetime
) -> NotificationAttempt:
    """Write down that a message is about to be sent, and hold the lease from ``at`` (UTC) anew.

    Raises LeaseLost.
    """
    _lock(notification)
    attempt = NotificationAttempt.objects.create(
        notification=notification, copy=notification.copy, channel=channel, started_at=at
    )
    _move(notification, NotificationState.SENDING, due_at=at + LEASE)
    return attempt


@transaction.atomic
def settle(
    notification: Notification,
    attempt: NotificationAttempt | None,
    answer: Answer,
    *,
    at: datetime,
) -> None:
    """Write down what came of an ``attempt``, and what follows for its notification (rules 9.7).

    The notification is let go unless the next message is to be sent at once. Raises LeaseLost.
    """
    _lock(notification)
    if attempt is not None:
        attempt.result = result_after(AttemptResult(attempt.result), answer.result)
        attempt.note = answer.note
        attempt.ended_at = attempt.ended_at or at
        attempt.save(update_fields=["result", "note", "ended_at"])
    notification.excused_tries += answer.result == AttemptResult.MISCONFIGURED
    state = state_after(answer.result, notification.counted_tries)
    _move(notification, state, due_at=due_after(state, notification.tries, at=at))


def queue_again(notification: Notification, *, at: datetime) -> None:
    """Put a locked ``notification`` into the queue at ``at`` (UTC), as if it were never tried."""
    notification.tries = notification.excused_tries = 0
    _move(notification, NotificationState.WAITING, due_at=at)


def _lock(notification: Notification) -> None:
    held = Notification.objects.filter(pk=notification.pk, lease=notification.lease)
    if not held.select_for_update().values_list("pk").first():
        raise LeaseLost


def _move(notification: Notification, to: NotificationState, *, due_at: datetime | None) -> None:
    if to not in TRANSITIONS[NotificationState(notification.state)]:
        raise AssertionError(f"A notification can't go from {notification.state} to {to}.")
    notification.state = to
    notification.due_at = due_at
    if to != NotificationState.SENDING:
        notification.lease = None
    notification.save(update_fields=["state", "due_at", "lease", "tries", "excused_tries", "copy"])
