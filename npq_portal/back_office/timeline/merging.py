"""The timeline's source of records of one person that became one (rules 13.7, 14.2)."""

from uuid import UUID

from django.db.models import Q

from npq_portal.back_office.timeline.entry import Entry, Window, link_to_page, who
from participants.models import Participant, ParticipantIdChange


def mergers(participant: Participant, window: Window) -> list[Entry]:
    """Return when this record was merged into another, and others into this one."""
    rows = ParticipantIdChange.objects.filter(
        Q(from_participant=participant) | Q(to_participant=participant)
    ).select_related("from_participant", "to_participant", "token__lead_provider", "staff")
    return [_entry(change, participant) for change in window.of(rows)]


def ids_of(participant: Participant) -> list[UUID]:
    """Return the id of ``participant`` and those of the records that were merged into it."""
    former = ParticipantIdChange.objects.filter(survivor=participant)
    return [participant.pk, *former.values_list("from_participant", flat=True)]


def _entry(change: ParticipantIdChange, participant: Participant) -> Entry:
    if change.from_participant == participant:
        other = change.to_participant
        what = f"This record was merged into {other.pk}, which has it all."
    else:
        other = change.from_participant
        what = f"The record {other.pk} was merged into this one."
    return Entry(
        at=change.at,
        what=what,
        who=who(change),
        why=change.reason,
        links=(link_to_page("The other record", other),),
    )
