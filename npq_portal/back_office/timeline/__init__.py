"""Everything that ever happened to a participant, oldest to newest (rules 13.7).

Each source says in a fixed number of queries what it knows; the entries are merged by time. Of
what happened in one instant the sources' order tells what came first: a request before what it
changed, an application before its declarations, these before their outcomes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from npq_portal.back_office.timeline.applications import applications
from npq_portal.back_office.timeline.declarations import declarations
from npq_portal.back_office.timeline.entry import Entry, Source, Window
from npq_portal.back_office.timeline.merging import mergers
from npq_portal.back_office.timeline.outcomes import (
    attempts,
    notifications,
    outcomes,
    resends,
)
from npq_portal.back_office.timeline.participant import details
from npq_portal.back_office.timeline.requests import join_requests, requests
from participants.models import Participant

__all__ = ["LATEST", "SOURCES", "Entry", "Timeline", "timeline_of"]

LATEST = 200
"""Entries that are shown at once."""

SOURCES: dict[str, Source] = {
    "participants.view_participant": details,
    "participants.view_participantidchange": mergers,
    "back_office.view_providerrequest": requests,
    "participants.view_application": applications,
    "declarations.view_declaration": declarations,
    "outcomes.view_outcome": outcomes,
    "outcomes.view_notification": notifications,
    "outcomes.view_notificationresend": resends,
    "outcomes.view_notificationattempt": attempts,
}
"""What is read, by the permission that it takes to see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Entries, oldest first. ``earlier`` is the instant before which there are more, or None."""

    entries: list[Entry]
    earlier: datetime | None


def timeline_of(
    participant: Participant,
    *,
    permissions: Collection[str],
    size: int,
    before: datetime | None = None,
) -> Timeline:
    """Return the latest ``size`` entries that somebody with ``permissions`` may see.

    Only those before the UTC instant ``before``, if one is given. Entries of one instant are not
    parted, so that there may be some more.
    """
    window = Window(size=size, before=before)
    merged = [
        entry
        for permission, read in SOURCES.items()
        if permission in permissions
        for entry in read(participant, window)
    ]
    merged.sort(key=lambda entry: entry.at)
    if len(merged) <= size:
        return Timeline(entries=join_requests(merged), earlier=None)
    first = merged[-size].at
    latest = [entry for entry in merged if entry.at >= first]
    earlier = first if len(latest) < len(merged) else None
    return Timeline(entries=join_requests(latest), earlier=earlier)
