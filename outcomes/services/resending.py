"""Sending a notification again because staff ask for it (rules 9.8)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from npq_portal.corrections import check_reason
from npq_portal.errors import NotFound, Refusals
from npq_portal.history import Actor
from outcomes.choices import NotificationState
from outcomes.models import Notification, NotificationResend
from outcomes.rules import refusals_to_send_again
from outcomes.services.queue import queue_again


@transaction.atomic
def send_again(
    *, notification_id: UUID, reason: str, attempts_seen: int, by: Actor, at: datetime
) -> Notification:
    """Put a notification back into the queue at ``at`` (UTC) and return it.

    A given-up one is tried anew, and what it may have sent is looked up first; of a sent one
    another message is owed. ``attempts_seen`` is how many attempts there were when staff decided.
    Raises NotFound when there is no such notification, Refused as rules 9.8 say.
    """
    notification = Notification.objects.select_for_update().filter(pk=notification_id).first()
    if notification is None:
        raise NotFound(f"There is no notification {notification_id}.")
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    has_changed = notification.attempts.count() != attempts_seen
    refusals.note(*refusals_to_send_again(notification.state, has_changed=has_changed))
    refusals.raise_any()
    NotificationResend.objects.create(
        notification=notification,
        from_state=notification.state,
        reason=reason,
        at=at,
        **by.columns(),
    )
    if notification.state == NotificationState.SENT:
        notification.copy += 1
    queue_again(notification, at=at)
    return notification
