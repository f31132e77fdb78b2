"""Notifications are what their attempts and staff's wishes make them (rules 9.6 to 9.8)."""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from npq_portal.back_office.integrity.reading import Check, sentences
from outcomes.choices import AttemptResult, NotificationState
from outcomes.models import Notification, NotificationAttempt, NotificationResend


def _notifications_agree_with_their_attempts() -> Iterator[str]:
    arrived = NotificationAttempt.objects.filter(
        notification=OuterRef("pk"), copy=OuterRef("copy"), result=AttemptResult.SENT
    )
    under_way = NotificationAttempt.objects.filter(
        notification=OuterRef("pk"), result=AttemptResult.UNDER_WAY
    )
    is_sent, is_sending = Q(state=NotificationState.SENT), Q(state=NotificationState.SENDING)
    for wrong, sentence in (
        (is_sent & ~Exists(arrived), "is sent, but no attempt arrived."),
        (~is_sent & Exists(arrived), "is {state}, but an attempt arrived."),
        (~is_sending & Exists(under_way), "is {state}, but an attempt is under way."),
    ):
        yield from sentences(Notification.objects.filter(wrong), f"Notification {{id}} {sentence}")


def _notifications_owe_what_was_asked_for() -> Iterator[str]:
    again = (
        NotificationResend.objects.filter(
            notification=OuterRef("pk"), from_state=NotificationState.SENT
        )
        .order_by()
        .values("notification")
        .annotate(count=Count("id"))
    )
    rows = Notification.objects.annotate(
        asked_for=Coalesce(Subquery(again.values("count")), 0) + 1
    ).exclude(copy=F("asked_for"))
    yield from sentences(
        rows, "Notification {id} owes message {copy}, but {asked_for} were asked for."
    )


CHECKS: tuple[Check, ...] = (
    _notifications_agree_with_their_attempts,
    _notifications_owe_what_was_asked_for,
)
