"""``check_integrity`` finds what no constraint can refuse (rules 11.12)."""

from typing import Any

import pytest

from npq_portal.back_office.integrity import findings
from npq_portal.identifiers import new_id
from outcomes.models import Notification
from tests.outcomes.rows import AT, BY

pytestmark = pytest.mark.django_db

IN_QUEUE: dict[str, dict[str, Any]] = {
    "waiting": {"due_at": AT, "lease": None},
    "sending": {"due_at": AT, "lease": new_id()},
    "sent": {"due_at": None, "lease": None},
    "given-up": {"due_at": None, "lease": None},
}


def attempt(notification, result, copy=1):
    ended_at = None if result == "under-way" else AT
    notification.attempts.create(
        copy=copy, channel="notify", result=result, started_at=AT, ended_at=ended_at
    )


@pytest.mark.parametrize(
    ("state", "results", "sentences"),
    [
        ("waiting", [], []),
        ("waiting", ["lost", "unknown"], []),
        ("waiting", ["sent"], ["is waiting, but an attempt arrived."]),
        ("waiting", ["under-way"], ["is waiting, but an attempt is under way."]),
        ("sending", ["under-way"], []),
        ("sending", ["sent"], ["is sending, but an attempt arrived."]),
        ("sent", ["turned-away", "sent"], []),
        ("sent", ["unknown"], ["is sent, but no attempt arrived."]),
        ("sent", ["sent", "under-way"], ["is sent, but an attempt is under way."]),
        ("given-up", ["refused"], []),
        ("given-up", ["sent"], ["is given-up, but an attempt arrived."]),
    ],
)
def test_states_agree_with_attempts(owe, state, results, sentences):
    notification = owe()
    Notification.objects.update(state=state, **IN_QUEUE[state])
    for result in results:
        attempt(notification, result)
    assert list(findings()) == [f"Notification {notification.pk} {it}" for it in sentences]


def test_what_was_sent_before_does_not_stand_for_what_staff_asked_for(owe):
    notification = owe()
    attempt(notification, "sent")
    Notification.objects.update(copy=2, state="sent", due_at=None)
    notification.resends.create(from_state="sent", reason="Asked for", at=AT, **BY.columns())
    assert list(findings()) == [f"Notification {notification.pk} is sent, but no attempt arrived."]


def test_no_more_messages_are_owed_than_were_asked_for(owe):
    notification = owe()
    Notification.objects.update(copy=3)
    notification.resends.create(from_state="sent", reason="Asked for", at=AT, **BY.columns())
    notification.resends.create(from_state="given-up", reason="Again", at=AT, **BY.columns())
    assert list(findings()) == [
        f"Notification {notification.pk} owes message 3, but 2 were asked for."
    ]
