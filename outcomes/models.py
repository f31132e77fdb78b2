"""Outcomes, and the notifications that their retraction causes (rules 9)."""

from django.db import models
from django.db.models import Q

from declarations.models import Declaration
from npq_portal.history import HistoryRow
from npq_portal.identifiers import new_id
from outcomes.choices import OutcomeState


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
        return f"{self.state} on {self.completion_date}"


class Notification(models.Model):
    """A message owed to a participant: the outcome that retracted their pass (rules 9.5)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    outcome = models.OneToOneField(Outcome, on_delete=models.PROTECT, related_name="notification")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return f"Retraction of {self.outcome_id}"
