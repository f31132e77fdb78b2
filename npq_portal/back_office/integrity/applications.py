"""Applications keep to chapters 6 and 7."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef

from npq_portal.back_office.integrity.reading import Check, sentences
from participants.models import Application, ApplicationEvent, ParticipantListing


def _applications_agree_with_their_history() -> Iterator[str]:
    kinds = ApplicationEvent.Kind
    for kind, status in ((kinds.ACCEPTED, "accepted"), (kinds.REJECTED, "rejected")):
        event = ApplicationEvent.objects.filter(application=OuterRef("pk"), kind=kind)
        yield from sentences(
            Application.objects.filter(~Exists(event), status=status),
            "Application {id} is {status}, but its history does not say so.",
        )


def _schedules_fit_their_applications() -> Iterator[str]:
    yield from sentences(
        Application.objects.accepted().exclude(
            schedule__cohort=F("cohort"), schedule__group=F("course__group")
        ),
        "Application {id} is on schedule {schedule_id} of another cohort or course group.",
    )


def _accepted_applications_are_listed() -> Iterator[str]:
    listing = ParticipantListing.objects.filter(
        lead_provider=OuterRef("lead_provider"), participant=OuterRef("participant")
    )
    yield from sentences(
        Application.objects.accepted().filter(~Exists(listing)),
        "Application {id} is accepted, but its provider's list lacks the person.",
    )


CHECKS: tuple[Check, ...] = (
    _applications_agree_with_their_history,
    _schedules_fit_their_applications,
    _accepted_applications_are_listed,
)
