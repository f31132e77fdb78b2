"""Who changed what, when and why: the shape that all history rows share (rules 6.6, 7.6, 8.12)."""

from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q


class ActorColumns(TypedDict):
    """An actor as the columns of a history row."""

    token_id: UUID | None
    staff_id: int | None
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: exactly one of a provider's token, a member of staff or an operator's command."""

    token_id: UUID | None = None
    staff_id: int | None = None
    command: str = ""

    def __post_init__(self) -> None:
        given = [self.token_id is not None, self.staff_id is not None, bool(self.command)]
        if given.count(True) != 1:
            raise ValueError("An actor is one token, one member of staff or one command.")

    def columns(self) -> ActorColumns:
        """Return the actor as the columns of a history row."""
        return {"token_id": self.token_id, "staff_id": self.staff_id, "command": self.command}


class HistoryRow(models.Model):
    """A change that happened, kept for good: ``at`` (UTC), by whom, and the reason given."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    token = models.ForeignKey(
        "providers.ApiToken", on_delete=models.PROTECT, null=True, related_name="+"
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    command = models.CharField(max_length=100, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ("at", "id")
        constraints = (
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_one_actor",
                condition=(
                    Q(token__isnull=False, staff__isnull=True, command="")
                    | Q(token__isnull=True, staff__isnull=False, command="")
                    | (Q(token__isnull=True, staff__isnull=True) & ~Q(command=""))
                ),
            ),
        )

    @property
    def actor_name(self) -> str:
        """Who did it, for people: the token's provider and id, the person, or the command."""
        if self.token is not None:
            return f"{self.token.lead_provider.name} (token {self.token_id})"
        return str(self.staff) if self.staff is not None else f"command {self.command}"
