"""Correcting what was decided about an application (rules 14.3 to 14.6)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from npq_portal.clock import london_day
from npq_portal.corrections import check_reason
from npq_portal.errors import ErrorCode, NotFound, Refusal, Refusals, Refused
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from participants import rules
from participants.choices import ApplicationStatus, FundingIneligibility
from participants.models import Application, ApplicationEvent
from participants.services.corrections.locking import lock_application
from participants.services.corrections.obstacles import named, rival_declarations
from participants.services.records import list_participants, touch_listings, write
from participants.signals import application_changed, application_reassigned
from schedules.models import Course, Schedule
from schedules.services.keeping import keep_course, keep_schedules_taking

UNDECIDED: dict[str, Any] = {
    "status": ApplicationStatus.PENDING,
    "accepted_at": None,
    "schedule": None,
    "training_status": None,
    "withdrawn_at": None,
    "withdrawal_reason": None,
    "deferred_at": None,
    "deferral_reason": None,
}
"""What a pending application has of acceptance and training."""

SETTLED = ("payable", "paid", "awaiting-clawback")
"""States of declarations whose money is on its way, one way or the other (rules 14.5)."""


@transaction.atomic
def revert_application(
    *, application_id: UUID, siblings: Collection[UUID] = (), reason: str, by: Actor, at: datetime
) -> Application:
    """Make a decided application pending again and return it, with the ``siblings`` given.

    Siblings are those that its acceptance rejected (rules 6.4). Raises NotFound when there is no
    such application, Refused as rules 14.3 say.
    """
    application, others = lock_application(application_id)
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    reversion = rules.Reversion(
        status=application.status, live_declarations=named(application.declarations.in_slot())
    )
    refusals.note(*rules.refusals_to_revert(reversion))
    wanted = set(siblings)
    rejected_with = [it for it in others if it.pk in wanted and _was_rejected_with(it, application)]
    if len(rejected_with) < len(wanted):
        refusals.add(
            "siblings",
            ErrorCode.INVALID,
            "Only applications that this acceptance rejected can be reverted with it.",
        )
    refusals.raise_any()
    for each in (application, *rejected_with):
        changes = {name: value for name, value in UNDECIDED.items() if getattr(each, name) != value}
        write(each, ApplicationEvent.Kind.REVERTED, changes, by=by, at=at, reason=reason)
    return application


def siblings_rejected_with(application: Application) -> list[Application]:
    """Return the applications that are rejected because ``application`` was accepted."""
    rejected = Application.objects.filter(
        participant=application.participant_id, status=ApplicationStatus.REJECTED
    ).select_related("lead_provider", "course", "participant")
    return [it for it in rejected if _was_rejected_with(it, application)]


@transaction.atomic
def change_course(
    *, application_id: UUID, course: str, reason: str, by: Actor, at: datetime
) -> Application:
    """Let an application be for the course with identifier ``course``; return it.

    An accepted one whose course group changes gets the schedule that took its day of acceptance.
    Raises NotFound when there is no such application, Refused as rules 14.4 say.
    """
    application, others = lock_application(application_id)
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    new = Course.objects.filter(identifier=course).first()
    if new is None:
        raise Refused(
            Refusal("course", ErrorCode.UNKNOWN_COURSE, f"There is no course {course!r}."),
            *refusals,
        )
    new = keep_course(new)
    schedules = _schedules_to_come(application, new)
    change = rules.CourseChange(
        is_current=new.pk == application.course_id,
        same_group=new.group_id == application.course.group_id,
        live_declarations=named(application.declarations.in_slot()),
        rival_declarations=rival_declarations(
            others, new, application.declarations.counted().values("declaration_type")
        ),
        holds_course=application.holds_course
        and any(it.holds_course and it.course_id == new.pk for it in others),
        schedules=None if schedules is None else len(schedules),
    )
    refusals.note(*rules.refusals_to_change_course(change))
    refusals.raise_any()
    changes: dict[str, Any] = {"course": new}
    if schedules is not None:
        changes["schedule"] = schedules[0]
    write(application, ApplicationEvent.Kind.COURSE_CHANGED, changes, by=by, at=at, reason=reason)
    _announce(application, by=by, at=at, reason="The course changed.")
    application_reassigned.send(sender=Application, application=application, at=at)
    return application


@transaction.atomic
def change_funding(
    *,
    application_id: UUID,
    eligible_for_funding: bool,
    ineligible_for_funding_reason: str | None = None,
    reason: str,
    by: Actor,
    at: datetime,
) -> Application:
    """Set whether an application is eligible for funding, assess its declarations, return it.

    ``ineligible_for_funding_reason`` goes with one that is not, and need not be known. Raises
    NotFound when there is no such application, Refused as rules 14.5 say.
    """
    application, _others = lock_application(application_id)
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    settled = named(application.declarations.filter(state__in=SETTLED))
    known = FundingIneligibility.values
    if ineligible_for_funding_reason not in {None, *known}:
        refusals.add(
            "ineligible_for_funding_reason",
            ErrorCode.INVALID,
            f"The reason must be one of: {', '.join(known)}.",
        )
    refusals.note(
        *rules.refusals_to_change_funding(
            rules.Funding(
                application.eligible_for_funding, application.ineligible_for_funding_reason
            ),
            rules.Funding(eligible_for_funding, ineligible_for_funding_reason),
            settled_declarations=settled,
        )
    )
    refusals.raise_any()
    changes = {
        "eligible_for_funding": eligible_for_funding,
        "ineligible_for_funding_reason": ineligible_for_funding_reason,
    }
    write(application, ApplicationEvent.Kind.FUNDING_CHANGED, changes, by=by, at=at, reason=reason)
    _announce(application, by=by, at=at, reason="The funding changed.")
    return application


@transaction.atomic
def transfer_application(
    *, application_id: UUID, lead_provider_id: UUID, reason: str, by: Actor, at: datetime
) -> Application:
    """Move an application to another provider and return it (rules 4.2).

    Its declarations stay with who submitted them, and on their statements. Raises NotFound when
    there is no such application or provider, Refused as rules 14.6 say.
    """
    application, _others = lock_application(application_id)
    provider = LeadProvider.objects.filter(pk=lead_provider_id).first()
    if provider is None:
        raise NotFound(f"There is no lead provider {lead_provider_id}.")
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    if provider.pk == application.lead_provider_id:
        refusals.add(
            "lead_provider", ErrorCode.SAME_PROVIDER, f"The application is with {provider} already."
        )
    refusals.raise_any()
    touch_listings([application], at=at)  # it leaves this list
    write(
        application,
        ApplicationEvent.Kind.TRANSFERRED,
        {"lead_provider": provider},
        by=by,
        at=at,
        reason=reason,
    )
    if application.status == ApplicationStatus.ACCEPTED:
        list_participants([application], at=at)
    application_reassigned.send(sender=Application, application=application, at=at)
    return application


def _schedules_to_come(application: Application, course: Course) -> list[Schedule] | None:
    """Return what took the day of acceptance, None when the application keeps what it has."""
    if application.accepted_at is None or course.group_id == application.course.group_id:
        return None
    day = london_day(application.accepted_at)
    return keep_schedules_taking(day, cohort=application.cohort, group=course.group)


def _was_rejected_with(sibling: Application, application: Application) -> bool:
    if sibling.status != ApplicationStatus.REJECTED:
        return False
    rejections = sibling.events.filter(kind=ApplicationEvent.Kind.REJECTED)
    newest = rejections.order_by("-id").first()
    return newest is not None and newest.because_of_id == application.pk


def _announce(application: Application, *, by: Actor, at: datetime, reason: str) -> None:
    application_changed.send(
        sender=Application, application=application, by=by, at=at, reason=reason
    )
