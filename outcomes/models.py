"""Outcomes, and the notifications that their retraction causes (rules 9)."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from declarations.models import Declaration
from npq_portal.clock import london_time
from npq_portal.history import HistoryRow
from npq_portal.identifiers import new_id
from npq_portal.providers.models import ProviderListing
from outcomes.choices import AttemptResult, Channel, NotificationState, OutcomeState
from outcomes.rules import SETTLED


class Outcome(HistoryRow):
    """One row in the history of a completed declaration's outcome; the newest counts.

    Rows are never changed. ``created_at`` is the instant it was recorded, ``at`` when the change
    was asked for, and ``completion_date`` the London day the participant finished.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)  # type: ignore[assignment]
    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="outcomes")
    state = models.CharField(max_length=20, choices=OutcomeState.choices)
    completion_date = models.DateField()
    created_at = models.DateTimeField()

    class Meta(HistoryRow.Meta):
        ordering = ("created_at", "id")
        constraints = (  # type: ignore[assignment]
            *HistoryRow.Meta.constraints,
            models.UniqueConstraint(
                fields=("declaration", "created_at"), name="outcome_newest_is_certain"
            ),
            models.CheckConstraint(
                name="outcome_state_is_known", condition=Q(state__in=OutcomeState.values)
            ),
        )
        indexes = (models.Index(fields=("created_at", "id"), name="outcome_in_order"),)

    def __str__(self) -> str:
        participant = self.declaration.application.participant
        return f"{self.get_state_display()} on {self.completion_date} by {participant}"


class OutcomeListing(ProviderListing):
    """An outcome's place in the list of one lead provider (ADR 19).

    There is one for each listing of its declaration.
    """

    pk = models.CompositePrimaryKey("outcome_id", "lead_provider_id")
    outcome = models.ForeignKey(
        Outcome, on_delete=models.PROTECT, related_name="listings", db_index=False
    )

    class Meta(ProviderListing.Meta):
        indexes = (
            models.Index(
                fields=("lead_provider", "created_at", "outcome"), name="outcome_listing_in_order"
            ),
        )

    def __str__(self) -> str:
        return f"{self.outcome_id} with {self.lead_provider_id}"


class NotificationQuerySet(models.QuerySet["Notification"]):
    """How notifications are asked for."""

    def due(self, by: datetime) -> "NotificationQuerySet":
        """Keep what a worker may take at ``by`` (UTC), the longest due first (rules 9.6)."""
        return self.filter(due_at__lte=by).order_by("due_at", "id")


class Notification(models.Model):
    """A message owed to a participant for the outcome that retracted their pass (rules 9.5, 9.6).

    The row is its own place in the queue. ``due_at`` (UTC) is when a worker may take it: a waiting
    one at its next try, one being sent when the ``lease`` by which its worker holds it has run
    out. ``tries`` counts how often it was taken since it was queued, ``excused_tries`` those of
    them that failed for this service's configuration. ``copy`` numbers the message that is owed:
    1 until staff ask for another one after it was sent (rules 9.8).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    outcome = models.OneToOneField(Outcome, on_delete=models.PROTECT, related_name="notification")
    state = models.CharField(
        max_length=20, choices=NotificationState.choices, default=NotificationState.WAITING
    )
    due_at = models.DateTimeField("due", null=True)
    lease = models.UUIDField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    excused_tries = models.PositiveSmallIntegerField(default=0)
    copy = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.CheckConstraint(
                name="notification_state_fits_queue",
                condition=Q(state="waiting", due_at__isnull=False, lease__isnull=True)
                | Q(state="sending", due_at__isnull=False, lease__isnull=False)
                | Q(state__in=["sent", "given-up"], due_at__isnull=True, lease__isnull=True),
            ),
            models.CheckConstraint(
                name="notification_excused_tries_are_tries",
                condition=Q(excused_tries__lte=F("tries")),
            ),
            models.CheckConstraint(name="notification_copy_from_1", condition=Q(copy__gte=1)),
        )
        indexes = (
            models.Index(
                fields=("due_at", "id"),
                name="notification_due",
                condition=Q(due_at__isnull=False),
            ),
            models.Index(fields=("created_at", "id"), name="notification_in_order"),
            models.Index(fields=("state", "created_at", "id"), name="notification_in_state"),
        )

    def __str__(self) -> str:
        return f"Retraction of {self.outcome_id}"

    @property
    def is_settled(self) -> bool:
        """Whether nothing more happens to it by itself (rules 9.6)."""
        return self.state in SETTLED

    @property
    def counted_tries(self) -> int:
        """The tries that count towards giving up (rules 9.7)."""
        return self.tries - self.excused_tries


class NotificationAttempt(models.Model):
    """One try to send a message; the id is the reference that Notify is given (rules 9.7).

    Written before anything is sent. ``ended_at`` (UTC) is when the try ended, null while it is
    under way; ``note`` says what came of it, without personal data.
    """

    id = models.UUIDField("reference", primary_key=True, default=new_id, editable=False)
    notification = models.ForeignKey(
        Notification, on_delete=models.PROTECT, related_name="attempts"
    )
    copy = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=20, choices=Channel.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    result = models.CharField(
        max_length=20, choices=AttemptResult.choices, default=AttemptResult.UNDER_WAY
    )
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("started_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("notification",),
                condition=Q(result__in=["under-way", "unknown"]),
                name="attempt_after_the_last_is_known",
            ),
            models.UniqueConstraint(
                fields=("notification", "copy"),
                condition=Q(result="sent"),
                name="attempt_sent_once",
            ),
            models.CheckConstraint(
                name="attempt_result_fits_end",
                condition=Q(result="under-way", ended_at__isnull=True)
                | Q(
                    result__in=sorted(set(AttemptResult.values) - {"under-way"}),
                    ended_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="attempt_channel_is_known", condition=Q(channel__in=Channel.values)
            ),
        )
        indexes = (models.Index(fields=("started_at", "id"), name="attempt_in_order"),)

    def __str__(self) -> str:
        return f"{self.result} at {london_time(self.started_at)}"


class NotificationResend(HistoryRow):
    """Staff had a notification sent again, which was in ``from_state`` until then (rules 9.8)."""

    notification = models.ForeignKey(Notification, on_delete=models.PROTECT, related_name="resends")
    from_state = models.CharField(max_length=20, choices=NotificationState.choices)

    class Meta(HistoryRow.Meta):
        constraints = (  # type: ignore[assignment]
            *HistoryRow.Meta.constraints,
            models.CheckConstraint(name="resend_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="resend_from_settled", condition=Q(from_state__in=["sent", "given-up"])
            ),
        )

    def __str__(self) -> str:
        return f"Sent again after {self.from_state}"
