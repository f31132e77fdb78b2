"""Sending what is due, each message once (rules 9.7)."""

from collections.abc import Callable
from datetime import datetime

import structlog

from outcomes.channels import Way
from outcomes.choices import AttemptResult, NotificationState
from outcomes.messages import message_for
from outcomes.models import Notification, NotificationAttempt
from outcomes.rules import Answer, has_time_to_send, may_send
from outcomes.services.queue import (
    LeaseLost,
    attempt_of_unknown_fate,
    begin_attempt,
    settle,
    take_next,
)

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]

NOTHING_SENT = Answer(AttemptResult.LOST, "")


def send_next(*, way: Way, now: Clock, due_by: datetime | None = None) -> bool:
    """Send the notification that is due longest; return whether there was one.

    ``now`` tells the UTC time, which passes meanwhile; ``due_by`` is now unless given. A message
    is written down before it is sent, and one of unknown fate is looked up before it is repeated,
    so that this can end at any point, by ``kill -9`` too, and be called by many at once. Raises
    OperationalError and InterfaceError when the database goes away.
    """
    at = now()
    notification = take_next(at=at, due_by=due_by or at)
    if notification is None:
        return False
    try:
        if _is_clear_to_send(notification, way, now):
            _send(notification, way, now)
    except LeaseLost:
        log.warning("notification_lease_lost", notification=str(notification.pk))
    return True


def _is_clear_to_send(notification: Notification, way: Way, now: Clock) -> bool:
    attempt = attempt_of_unknown_fate(notification)
    if attempt is None and may_send(notification.counted_tries):
        return True
    answer = NOTHING_SENT if attempt is None else way.look_up(attempt)
    _settle(notification, attempt, answer, at=now())
    return notification.state == NotificationState.SENDING


def _send(notification: Notification, way: Way, now: Clock) -> None:
    message = message_for(notification)
    attempt = begin_attempt(notification, way.channel, at=now())
    if has_time_to_send(attempt.started_at, now()):
        _settle(notification, attempt, way.send(message, attempt.pk), at=now())


def _settle(
    notification: Notification, attempt: NotificationAttempt | None, answer: Answer, *, at: datetime
) -> None:
    settle(notification, attempt, answer, at=at)
    is_alarming = (
        answer.result == AttemptResult.MISCONFIGURED
        or notification.state == NotificationState.GIVEN_UP
    )
    (log.error if is_alarming else log.info)(
        "notification_tried",
        notification=str(notification.pk),
        reference=str(attempt.pk) if attempt else None,
        result=answer.result,
        note=answer.note,
        state=notification.state,
    )
