"""Participants, their applications, and what happened to these (rules 4 to 7)."""

from participants.fields import FoldedField
from participants.models.applications import (
    Application,
    ApplicationEvent,
    ApplicationQuerySet,
    ParticipantListing,
    ParticipantListingQuerySet,
)
from participants.models.people import (
    Participant,
    ParticipantIdChange,
    ParticipantQuerySet,
    ParticipantWord,
    people_found_by,
    words_of_people,
)

__all__ = [
    "Application",
    "ApplicationEvent",
    "ApplicationQuerySet",
    "FoldedField",
    "Participant",
    "ParticipantIdChange",
    "ParticipantListing",
    "ParticipantListingQuerySet",
    "ParticipantQuerySet",
    "ParticipantWord",
    "people_found_by",
    "words_of_people",
]
