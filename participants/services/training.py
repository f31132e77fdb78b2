"""Withdrawing, deferring, resuming and changing schedule (rules 7)."""

from datetime import datetime
from uuid import UUID

from npq_portal.errors import ErrorCode, Refusals
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from participants import rules
from participants.choices import DeferralReason, WithdrawalReason
from participants.models import Application
from participants.services import enrolments
from participants.services.courses import lock_enrolment
from participants.services.records import on_a_person
from schedules.models import Cohort, Schedule
from schedules.services.keeping import keep_schedule


@on_a_person
def withdraw_participant(
    *,
    lead_provider: LeadProvider,
    participant_id: UUID,
    course_identifier: str | None,
    reason: str | None,
    refusals: Refusals,
    by: Actor,
    at: datetime,
) -> Application:
    """Record that a participant has left a course as of ``at`` (UTC); return the application.

    A value that is None was missing or malformed and stands in ``refusals`` already. Raises
    NotFound when ``lead_provider`` does not have the participant, Refused as rules 7.2 say.
    """
    application = lock_enrolment(lead_provider, participant_id, course_identifier, refusals)
    reason = reason and rules.clean_withdrawal_reason(reason)
    enrolments.check_reason_for("reason", reason, WithdrawalReason, refusals)
    if application is not None:
        refusals.note(rules.refusal_to_withdraw(application.training_status))
    application, reason = _settled(refusals, application, reason)
    enrolments.withdraw(
        application, withdrawn_at=at, withdrawal_reason=reason, why=reason, by=by, at=at
    )
    return application


@on_a_person
def defer_participant(
    *,
    lead_provider: LeadProvider,
    participant_id: UUID,
    course_identifier: str | None,
    reason: str | None,
    refusals: Refusals,
    by: Actor,
    at: datetime,
) -> Application:
    """Record that a participant takes a break as of ``at`` (UTC); return the application.

    A value that is None was missing or malformed and stands in ``refusals`` already. Raises
    NotFound when ``lead_provider`` does not have the participant, Refused as rules 7.3 say.
    """
    application = lock_enrolment(lead_provider, participant_id, course_identifier, refusals)
    enrolments.check_reason_for("reason", reason, DeferralReason, refusals)
    if application is not None:
        refusals.note(rules.refusal_to_defer(application.training_status))
    application, reason = _settled(refusals, application, reason)
    enrolments.defer(application, deferral_reason=reason, why=reason, by=by, at=at)
    return application


@on_a_person
def resume_participant(
    *,
    lead_provider: LeadProvider,
    participant_id: UUID,
    course_identifier: str | None,
    refusals: Refusals,
    by: Actor,
    at: datetime,
) -> Application:
    """Record that a deferred participant trains again; return the application.

    Raises NotFound when ``lead_provider`` does not have the participant, Refused as rules 7.4 say.
    """
    application = lock_enrolment(lead_provider, participant_id, course_identifier, refusals)
    if application is not None:
        refusals.note(rules.refusal_to_resume(application.training_status))
    application, _ = _settled(refusals, application, "")
    enrolments.resume(application, why="", by=by, at=at)
    return application


@on_a_person
def change_schedule(
    *,
    lead_provider: LeadProvider,
    participant_id: UUID,
    course_identifier: str | None,
    schedule_identifier: str | None,
    cohort: int | None,
    refusals: Refusals,
    by: Actor,
    at: datetime,
) -> Application:
    """Move a participant to another schedule of the course's group; return the application.

    ``cohort`` is a start year, None for the application's own. Raises NotFound when
    ``lead_provider`` does not have the participant, Refused as rules 7.5 say.
    """
    application = lock_enrolment(lead_provider, participant_id, course_identifier, refusals)
    new_cohort = _cohort(cohort, application, refusals)
    schedule = _schedule(schedule_identifier, new_cohort, refusals)
    if application is not None:
        refusals.note(rules.refusal_to_change_schedule(application.training_status))
        if schedule is not None:
            schedule = keep_schedule(schedule)
        refusals.note(
            *enrolments.refusals_to_move(application, schedule=schedule, cohort=new_cohort)
        )
    application, _ = _settled(refusals, application, "")
    if schedule is None:
        raise ValueError("A schedule that is missing must stand in the refusals.")
    enrolments.move(application, schedule=schedule, why="", by=by, at=at)
    return application


def _settled(
    refusals: Refusals, application: Application | None, reason: str | None
) -> tuple[Application, str]:
    refusals.raise_any()
    if application is None or reason is None:
        raise ValueError("A value that is missing must stand in the refusals.")
    return application, reason


def _cohort(
    start_year: int | None, application: Application | None, refusals: Refusals
) -> Cohort | None:
    if "cohort" in refusals:
        return None
    if start_year is None:
        return None if application is None else application.cohort
    cohort = Cohort.objects.filter(start_year=start_year).first()
    if cohort is None:
        known = ", ".join(map(str, Cohort.objects.all()))
        refusals.add(
            "cohort",
            ErrorCode.UNKNOWN_COHORT,
            f"There is no cohort {start_year}; it must be one of {known}.",
        )
    return cohort


def _schedule(identifier: str | None, cohort: Cohort | None, refusals: Refusals) -> Schedule | None:
    if identifier is None or cohort is None:
        return None
    schedule = (
        Schedule.objects.select_related("cohort")
        .filter(identifier=identifier, cohort=cohort)
        .first()
    )
    if schedule is None:
        known = ", ".join(cohort.schedules.values_list("identifier", flat=True))
        refusals.add(
            "schedule_identifier",
            ErrorCode.UNKNOWN_SCHEDULE,
            f"Cohort {cohort} has no schedule {identifier!r}; it has {known or 'none yet'}.",
        )
    return schedule
