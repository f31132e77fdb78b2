"""What became of the messages to the participants of the demo (rules 11.8)."""

from datetime import datetime, timedelta

from outcomes.choices import AttemptResult, Channel
from outcomes.models import Notification
from outcomes.rules import Answer, answer_to_sending, back_off
from outcomes.services.queue import begin_attempt, settle, take_next

TAKEN = Answer(AttemptResult.SENT, "Notify took the message.")
REFUSED = answer_to_sending(400)
TURNED_AWAY = answer_to_sending(429)

TURNED_AWAY_TRIES = 8
"""Tries after which the next one is an hour off."""


def let_messages_go(*, at: datetime) -> None:
    """Have one message refused, let the last one wait as of ``at`` (UTC), and the rest arrive."""
    *earlier, _waiting = Notification.objects.all()
    for number, notification in enumerate(earlier):
        answer = REFUSED if number == 1 else TAKEN
        _try_next(answer, at=notification.created_at + timedelta(minutes=1))
    waits = [back_off(tries) for tries in range(1, TURNED_AWAY_TRIES)]
    for number in range(TURNED_AWAY_TRIES):
        _try_next(TURNED_AWAY, at=at - sum(waits[number:], timedelta()))


def _try_next(answer: Answer, *, at: datetime) -> None:
    """Let Notify have answered like this to the message that was due longest."""
    notification = take_next(at=at, due_by=at)
    if notification is not None:
        attempt = begin_attempt(notification, Channel.NOTIFY, at=at)
        settle(notification, attempt, answer, at=at)
