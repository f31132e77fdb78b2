"""Applications keep to chapters 6 and 7."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Exists, F, OuterRef

from npq_portal.back_office.integrity.reading import PIECE, Check, crowded, sentences
from participants.models import (
    Application,
    ApplicationEvent,
    Participant,
    ParticipantIdChange,
    ParticipantListing,
)
from participants.services.records import as_history_has_it


def _applications_agree_with_their_history() -> Iterator[str]:
    kinds = ApplicationEvent.Kind
    for kind, status in ((kinds.ACCEPTED, "accepted"), (kinds.REJECTED, "rejected")):
        event = ApplicationEvent.objects.filter(application=OuterRef("pk"), kind=kind)
        yield from sentences(
            Application.objects.filter(~Exists(event), status=status),
            "Application {id} is {status}, but its history does not say so.",
        )


TOLD = (
    "status",
    "accepted_at",
    "training_status",
    "withdrawn_at",
    "withdrawal_reason",
    "deferred_at",
    "deferral_reason",
)
"""What of an application is what its history said last."""


def _applications_are_what_their_history_ends_with() -> Iterator[str]:
    events = ApplicationEvent.objects.order_by("application_id", "id").values_list(
        "application_id", "after", *(f"application__{it}" for it in TOLD)
    )
    for application_id, rows in groupby(events.iterator(PIECE), key=itemgetter(0)):
        told: dict[str, Any] = {}
        current: list[Any] = []
        for _id, after, *current in rows:  # noqa: B007 - each row says what it is now
            told |= after
        for name, value in zip(TOLD, map(as_history_has_it, current), strict=True):
            if told.get(name, value) != value:
                yield (
                    f"Application {application_id} has {name} {value}, but its history ends with"
                    f" {told[name]}."
                )


def _schedules_fit_their_applications() -> Iterator[str]:
    yield from sentences(
        Application.objects.accepted().exclude(
            schedule__cohort=F("cohort"), schedule__group=F("course__group")
        ),
        "Application {id} is on schedule {schedule_id} of another cohort or course group.",
    )


def _persons_hold_a_course_once() -> Iterator[str]:
    """Look across records that share a validated TRN; a constraint holds it in each (rules 6.3)."""
    of_persons = Application.objects.holding_the_course().filter(
        participant__teacher_reference_number_validated=True
    )
    for first, last, count in crowded(
        of_persons, "participant__teacher_reference_number", "course"
    ):
        yield (
            f"Applications {first} and {last}, {count} in all, hold one course for one person;"
            " one may."
        )


def _accepted_applications_are_listed() -> Iterator[str]:
    listing = ParticipantListing.objects.filter(
        lead_provider=OuterRef("lead_provider"),
        participant=OuterRef("participant"),
        is_current=True,
    )
    yield from sentences(
        Application.objects.accepted().filter(~Exists(listing)),
        "Application {id} is accepted, but its provider's list lacks the person.",
    )


def _listed_participants_have_accepted_applications() -> Iterator[str]:
    accepted = Application.objects.accepted().filter(
        lead_provider=OuterRef("lead_provider"), participant=OuterRef("participant")
    )
    yield from sentences(
        ParticipantListing.objects.filter(~Exists(accepted), is_current=True),
        "Participant {participant_id} is in the list of {lead_provider_id}, which has no accepted"
        " application of theirs.",
    )


def _merged_records_are_empty() -> Iterator[str]:
    yield from sentences(
        Application.objects.filter(participant__id_change__isnull=False),
        "Application {id} belongs to participant {participant_id}, who was merged away.",
    )


def _former_ids_are_shown() -> Iterator[str]:
    merged = Exists(ParticipantIdChange.objects.filter(survivor=OuterRef("pk")))
    yield from sentences(
        Participant.objects.filter(merged, has_former_ids=False),
        "Participant {id} is not shown with the ids of records merged into it.",
    )
    yield from sentences(
        Participant.objects.filter(~merged, has_former_ids=True),
        "Participant {id} is said to have former ids, but has none.",
    )


def _old_ids_lead_to_who_is_left() -> Iterator[str]:
    yield from sentences(
        ParticipantIdChange.objects.filter(survivor__id_change__isnull=False),
        "The old id {from_participant_id} leads to {survivor_id}, who was merged away.",
    )


CHECKS: tuple[Check, ...] = (
    _applications_agree_with_their_history,
    _applications_are_what_their_history_ends_with,
    _schedules_fit_their_applications,
    _persons_hold_a_course_once,
    _accepted_applications_are_listed,
    _listed_participants_have_accepted_applications,
    _merged_records_are_empty,
    _former_ids_are_shown,
    _old_ids_lead_to_who_is_left,
)
