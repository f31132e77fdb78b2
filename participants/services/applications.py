"""Accepting and rejecting applications (rules 6)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from npq_portal.clock import london_day
from npq_portal.errors import BASE, ErrorCode, Refusals
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from participants.choices import ApplicationStatus, TrainingStatus
from participants.models import Application, ApplicationEvent
from participants.rules import Acceptance, refusals_to_accept
from participants.services.records import (
    list_participants,
    lock_applications,
    lock_holder,
    write,
)
from schedules.models import Schedule
from schedules.services.keeping import keep_schedules_taking

REJECTED_WITH = "Another application for the course was accepted."
"""Why a sibling is rejected, for its history (rules 6.4)."""


@transaction.atomic
def accept_application(
    *,
    lead_provider: LeadProvider,
    application_id: UUID,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> Application:
    """Accept a pending application as of ``at`` (UTC) and return it; staff give a ``reason``.

    It gets the schedule that takes that London day; the person's other pending applications for
    the course and cohort are rejected. Raises NotFound when the application is not one of
    ``lead_provider``, Refused for whatever rules 6.2 and 6.3 forbid.
    """
    application, others = _lock(lead_provider, application_id)
    refusals = Refusals()
    _refuse_unless_pending(application, refusals)
    taking = keep_schedules_taking(
        london_day(at), cohort=application.cohort, group=application.course.group
    )
    acceptance = Acceptance(
        course=str(application.course),
        cohort=str(application.cohort),
        day=london_day(at),
        schedules=len(taking),
        holds_course=any(it.holds_course for it in others),
    )
    refusals.note(*refusals_to_accept(acceptance))
    refusals.raise_any()
    write(
        application,
        ApplicationEvent.Kind.ACCEPTED,
        accepted_values(at=at, schedule=taking[0]),
        by=by,
        at=at,
        reason=reason,
    )
    list_participants([application], at=at)
    for sibling in others:
        if is_pending_sibling(sibling, application):
            reject(sibling, by=by, at=at, because_of=application)
    return application


@transaction.atomic
def reject_application(
    *,
    lead_provider: LeadProvider,
    application_id: UUID,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> Application:
    """Reject a pending application and return it; staff give a ``reason`` (rules 6.5).

    Raises NotFound when the application is not one of ``lead_provider``, Refused when it is not
    pending.
    """
    application, _others = _lock(lead_provider, application_id)
    refusals = Refusals()
    _refuse_unless_pending(application, refusals)
    refusals.raise_any()
    reject(application, by=by, at=at, reason=reason)
    return application


def _lock(
    lead_provider: LeadProvider, application_id: UUID
) -> tuple[Application, list[Application]]:
    own = Application.objects.for_provider(lead_provider)
    persons = lock_holder(own.filter(pk=application_id))
    course = Application.objects.filter(pk=application_id).values("course")
    locked = lock_applications(
        Application.objects.filter(
            Q(pk=application_id) | Q(participant__in=persons, course__in=course)
        )
    )
    application = next(it for it in locked if it.pk == application_id)
    return application, [it for it in locked if it.pk != application_id]


def _refuse_unless_pending(application: Application, refusals: Refusals) -> None:
    if application.status != ApplicationStatus.PENDING:
        refusals.add(
            BASE,
            ErrorCode.NOT_PENDING,
            f"The application is {application.status}; only a pending one can be decided.",
        )


def accepted_values(*, at: datetime, schedule: Schedule) -> dict[str, Any]:
    """Return what accepting an application at ``at`` (UTC) sets (rules 6.2)."""
    return {
        "status": ApplicationStatus.ACCEPTED,
        "accepted_at": at,
        "schedule": schedule,
        "training_status": TrainingStatus.ACTIVE,
    }


def is_pending_sibling(other: Application, accepted: Application) -> bool:
    """Return whether ``other``, for the same course, is rejected with it (rules 6.4)."""
    return (
        other.status == ApplicationStatus.PENDING
        and other.participant_id == accepted.participant_id
        and other.cohort_id == accepted.cohort_id
    )


def reject(
    application: Application,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    because_of: Application | None = None,
) -> None:
    """Reject a locked ``application``, perhaps ``because_of`` another's acceptance (rules 6.4)."""
    write(
        application,
        ApplicationEvent.Kind.REJECTED,
        {"status": ApplicationStatus.REJECTED},
        by=by,
        at=at,
        reason=REJECTED_WITH if because_of else reason,
        because_of=because_of,
    )
