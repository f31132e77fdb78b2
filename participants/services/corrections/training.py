"""Correcting how an enrolment's training stands (rules 14.7 and 14.8)."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from npq_portal.clock import london_day, start_of_day, whole_seconds
from npq_portal.corrections import check_reason
from npq_portal.errors import BASE, ErrorCode, Refusals
from npq_portal.history import Actor
from participants import rules
from participants.choices import ApplicationStatus, DeferralReason, WithdrawalReason
from participants.models import Application
from participants.services import enrolments
from participants.services.corrections.locking import lock_application
from participants.services.corrections.obstacles import named, rival_declarations
from schedules.models import Schedule
from schedules.services.keeping import keep_schedule


@transaction.atomic
def withdraw_enrolment(
    *,
    application_id: UUID,
    withdrawn_on: date,
    withdrawal_reason: str,
    reason: str,
    by: Actor,
    at: datetime,
) -> Application:
    """Withdraw an enrolment as of a London day and return the application.

    A past day counts from its beginning, the day of acceptance from the acceptance, today from
    ``at`` (UTC). Raises NotFound when there is no such application, Refused as rules 14.7 say.
    """
    application, _others, refusals = _enrolment(application_id)
    return _withdraw(
        application,
        _withdrawn_at(withdrawn_on, application, at),
        withdrawal_reason,
        refusals,
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def withdraw_enrolment_again(
    *,
    application_id: UUID,
    withdrawn_at: datetime,
    withdrawal_reason: str,
    reason: str,
    by: Actor,
    at: datetime,
) -> Application:
    """Withdraw an enrolment that was reinstated, as of the UTC instant that it had; return it.

    Raises NotFound when there is no such application, Refused as rules 14.7 say.
    """
    application, _others, refusals = _enrolment(application_id)
    return _withdraw(
        application, withdrawn_at, withdrawal_reason, refusals, reason=reason, by=by, at=at
    )


def _withdraw(
    application: Application,
    withdrawn_at: datetime,
    withdrawal_reason: str,
    refusals: Refusals,
    *,
    reason: str,
    by: Actor,
    at: datetime,
) -> Application:
    reason = check_reason(reason, by, refusals)
    enrolments.check_reason_for("withdrawal_reason", withdrawal_reason, WithdrawalReason, refusals)
    refusals.note(rules.refusal_to_withdraw(application.training_status))
    withdrawn_at = whole_seconds(withdrawn_at)
    later = application.declarations.counted().filter(declaration_date__gte=withdrawn_at)
    refusals.note(
        *rules.refusals_to_withdraw_at(
            withdrawn_at,
            now=at,
            accepted_at=application.accepted_at and whole_seconds(application.accepted_at),
            later_declarations=named(later),
        )
    )
    refusals.raise_any()
    enrolments.withdraw(
        application,
        withdrawn_at=withdrawn_at,
        withdrawal_reason=withdrawal_reason,
        why=reason,
        by=by,
        at=at,
    )
    return application


@transaction.atomic
def reinstate_enrolment(
    *, application_id: UUID, reason: str, by: Actor, at: datetime
) -> Application:
    """Let a withdrawn participant be active again and return the application.

    Raises NotFound when there is no such application, Refused as rules 14.7 say.
    """
    application, others, refusals = _enrolment(application_id)
    reason = check_reason(reason, by, refusals)
    held = any(it.holds_course and it.course_id == application.course_id for it in others)
    # Those of other records, which duplicate something, stay ineligible (rules 8.9).
    counting_again = application.declarations.in_slot().filter(duplicate_of__isnull=True)
    rivals = rival_declarations(
        others, application.course, counting_again.values("declaration_type")
    )
    refusals.note(
        rules.refusal_to_reinstate(
            application.training_status, holds_course=held, rival_declarations=rivals
        )
    )
    refusals.raise_any()
    enrolments.reinstate(application, why=reason, by=by, at=at)
    return application


@transaction.atomic
def defer_enrolment(
    *, application_id: UUID, deferral_reason: str, reason: str, by: Actor, at: datetime
) -> Application:
    """Let a participant take a break as of ``at`` (UTC) and return the application.

    Raises NotFound when there is no such application, Refused as rules 7.3 say.
    """
    application, _others, refusals = _enrolment(application_id)
    reason = check_reason(reason, by, refusals)
    enrolments.check_reason_for("deferral_reason", deferral_reason, DeferralReason, refusals)
    refusals.note(rules.refusal_to_defer(application.training_status))
    refusals.raise_any()
    enrolments.defer(application, deferral_reason=deferral_reason, why=reason, by=by, at=at)
    return application


@transaction.atomic
def resume_enrolment(*, application_id: UUID, reason: str, by: Actor, at: datetime) -> Application:
    """Let a participant go on after a break and return the application.

    Raises NotFound when there is no such application, Refused as rules 7.4 say.
    """
    application, _others, refusals = _enrolment(application_id)
    reason = check_reason(reason, by, refusals)
    refusals.note(rules.refusal_to_resume(application.training_status))
    refusals.raise_any()
    enrolments.resume(application, why=reason, by=by, at=at)
    return application


@transaction.atomic
def move_enrolment(
    *, application_id: UUID, schedule: Schedule, reason: str, by: Actor, at: datetime
) -> Application:
    """Put an enrolment on another schedule, and into its cohort; return the application.

    Raises NotFound when there is no such application, Refused as rules 7.5 say.
    """
    application, _others, refusals = _enrolment(application_id)
    reason = check_reason(reason, by, refusals)
    refusals.note(rules.refusal_to_change_schedule(application.training_status))
    schedule = keep_schedule(schedule)
    refusals.note(
        *enrolments.refusals_to_move(application, schedule=schedule, cohort=schedule.cohort)
    )
    refusals.raise_any()
    enrolments.move(application, schedule=schedule, why=reason, by=by, at=at)
    return application


def _enrolment(application_id: UUID) -> tuple[Application, list[Application], Refusals]:
    application, others = lock_application(application_id)
    refusals = Refusals()
    if application.status != ApplicationStatus.ACCEPTED:
        refusals.add(
            BASE, ErrorCode.NOT_ACCEPTED, f"The application is {application.status}, not accepted."
        )
    return application, others, refusals


def _withdrawn_at(day: date, application: Application, at: datetime) -> datetime:
    if day == london_day(at):
        return at
    begins, accepted_at = start_of_day(day), application.accepted_at
    if accepted_at is not None and london_day(accepted_at) == day:
        return max(begins, accepted_at)
    return begins
