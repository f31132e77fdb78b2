"""Writing what the rows of an import add, with its history, many rows at a time."""

from collections.abc import Iterator
from datetime import datetime

from simple_history.utils import bulk_create_with_history

from npq_portal.history import Actor
from participants.choices import ApplicationStatus
from participants.models import Application, ApplicationEvent, Participant
from participants.services.applications import REJECTED_WITH, accepted_values, reject
from participants.services.importing.deciding import Additions
from participants.services.records import (
    event_of,
    list_participants,
    lock_applications,
    touch_listings,
)

PENDING = {"status": ApplicationStatus.PENDING}


def store(additions: Additions, *, by: Actor, at: datetime) -> None:
    """Write ``additions`` as having come into this service at ``at`` (UTC)."""
    bulk_create_with_history(
        additions.participants,
        Participant,
        default_change_reason=by.command,
        default_date=at,
    )
    Application.objects.bulk_create(additions.applications)
    ApplicationEvent.objects.bulk_create(_events(additions, by=by, at=at))
    accepted = [it for it in additions.applications if it.status == ApplicationStatus.ACCEPTED]
    list_participants(accepted, at=at)
    new = {it.id for it in additions.participants}
    touch_listings((it for it in additions.applications if it.participant_id not in new), at=at)
    _reject_stored_siblings(additions, by=by, at=at)


def _events(additions: Additions, *, by: Actor, at: datetime) -> Iterator[ApplicationEvent]:
    kinds = ApplicationEvent.Kind
    causes = {rejected.id: accepted for rejected, accepted in additions.rejections}
    for application in additions.applications:
        yield event_of(application, kinds.REGISTERED, {}, PENDING, by=by, at=at)
        if application.status == ApplicationStatus.ACCEPTED:
            before, after = _acceptance(application)
            yield event_of(application, kinds.ACCEPTED, before, after, by=by, at=at)
        elif application.status == ApplicationStatus.REJECTED:
            cause = causes.get(application.id)
            yield event_of(
                application,
                kinds.REJECTED,
                PENDING,
                {"status": ApplicationStatus.REJECTED},
                by=by,
                at=at,
                reason=REJECTED_WITH if cause else "",
                because_of=cause,
            )


def _acceptance(application: Application) -> tuple[dict[str, object], dict[str, object]]:
    """Return the values before and after the acceptance that ``application`` came with."""
    assert application.accepted_at is not None  # noqa: S101 - held by a constraint
    assert application.schedule is not None  # noqa: S101 - held by a constraint
    after = accepted_values(at=application.accepted_at, schedule=application.schedule)
    return dict.fromkeys(after) | PENDING, after


def _reject_stored_siblings(additions: Additions, *, by: Actor, at: datetime) -> None:
    new = {it.id for it in additions.applications}
    causes = {sibling.id: cause for sibling, cause in additions.rejections if sibling.id not in new}
    for sibling in lock_applications(Application.objects.filter(pk__in=causes)):
        reject(sibling, by=by, at=at, because_of=causes[sibling.id])
