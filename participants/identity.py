"""What a provider is told of a participant whose record was merged into another (rules 5.6)."""

from collections.abc import Collection
from uuid import UUID

from npq_portal.errors import MergedAway, NotFound
from npq_portal.providers.models import LeadProvider
from participants.models import Application, ParticipantIdChange


def merged_into(lead_provider: LeadProvider, participant_id: UUID) -> UUID | None:
    """Return the id under which ``lead_provider`` has a participant who was merged away.

    None for a participant who was not, and for one whom the provider does not have.
    """
    held = Application.objects.for_provider(lead_provider).accepted()
    changes = ParticipantIdChange.objects.filter(
        from_participant=participant_id, survivor__in=held.values("participant")
    )
    return changes.values_list("survivor", flat=True).first()


def with_survivors(participant_ids: Collection[UUID]) -> set[UUID]:
    """Return the ids, and those into which any of them were merged."""
    changes = ParticipantIdChange.objects.filter(from_participant__in=participant_ids)
    return {*participant_ids, *changes.values_list("survivor", flat=True)}


def not_found(lead_provider: LeadProvider, participant_id: UUID) -> NotFound:
    """Return what to raise when ``lead_provider`` has no participant with this id."""
    survivor = merged_into(lead_provider, participant_id)
    return NotFound() if survivor is None else MergedAway(survivor)
