"""Recording and retracting outcomes (rules 9.2 to 9.5)."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from declarations.models import Declaration
from npq_portal.clock import london_day
from npq_portal.errors import ErrorCode, Refusals
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from outcomes.choices import OutcomeState
from outcomes.models import Notification, Outcome
from outcomes.rules import (
    first_state,
    is_notified_of_void,
    is_repeat,
    is_retracted_by_void,
    refusals_to_post,
)
from outcomes.services.records import (
    check_has_outcomes,
    facts_of,
    lock_live_declaration,
    newest_outcome,
    write_outcome,
)
from participants.models import Application
from participants.services.records import lock_applications, lock_participant, on_a_person
from schedules.models import Course


@on_a_person
def record_outcome(
    *,
    lead_provider: LeadProvider,
    participant_id: UUID,
    course_identifier: str | None,
    state: str | None,
    completion_date: date | None,
    refusals: Refusals,
    by: Actor,
    at: datetime,
) -> Outcome:
    """Record how a course ended, on its live completed declaration, and return the outcome.

    ``completion_date`` is a London day, ``at`` a UTC instant, ``refusals`` what was wrong with
    the form; a value that was is None. What the newest outcome says already is returned and
    nothing written. Raises NotFound when ``lead_provider`` has no accepted application of the
    participant, Refused with all that rules 9.3 forbid.
    """
    applications = _lock_applications(lead_provider, participant_id)
    application = _application_for(applications, course_identifier, refusals)
    refusals.note(*refusals_to_post(state, completion_date, london_day(at)))
    declaration = lock_live_declaration(application, refusals) if application else None
    refusals.raise_any()
    if declaration is None or state is None or completion_date is None:
        raise AssertionError("A value is missing, which must have been refused.")
    outcome = newest_outcome(declaration)
    if outcome is not None and is_repeat(facts_of(outcome), state, completion_date):
        return outcome
    return write_outcome(declaration, outcome, state, completion_date, by=by, at=at)


def record_first_outcome(
    *, declaration: Declaration, reason: str = "", by: Actor, at: datetime
) -> Outcome | None:
    """Record the outcome that a completed ``declaration``, locked or new, came with (rules 9.2).

    Returns None when it came with none. To be called inside the transaction of the declaration.
    """
    if declaration.has_passed is None:
        return None
    return write_outcome(
        declaration,
        newest_outcome(declaration),
        first_state(declaration.has_passed),
        london_day(declaration.declaration_date),
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def retract_outcome(
    *, declaration: Declaration, reason: str = "", by: Actor, at: datetime
) -> Outcome | None:
    """Retract the outcome of a locked ``declaration`` (rules 9.5, 14.10).

    Returns the ``voided`` outcome, or None when there was nothing to retract. A participant who
    had passed is owed a notification, which is recorded in the same transaction.
    """
    newest = newest_outcome(declaration)
    if newest is None or not is_retracted_by_void(facts_of(newest)):
        return None
    retraction = write_outcome(
        declaration,
        newest,
        OutcomeState.VOIDED,
        newest.completion_date,
        reason=reason,
        by=by,
        at=at,
    )
    if is_notified_of_void(facts_of(newest)):
        Notification.objects.create(
            outcome=retraction, due_at=retraction.created_at, created_at=retraction.created_at
        )
    return retraction


def _lock_applications(lead_provider: LeadProvider, participant_id: UUID) -> list[Application]:
    lock_participant(lead_provider, participant_id)
    held = Application.objects.for_provider(lead_provider).accepted()
    return lock_applications(held.filter(participant=participant_id))


def _application_for(
    applications: list[Application], course_identifier: str | None, refusals: Refusals
) -> Application | None:
    """Return the accepted application that the course names (rules 7.1); note why there is none."""
    attribute = "course_identifier"
    if course_identifier is None:
        refusals.add(attribute, ErrorCode.MISSING, "Give the course_identifier of the course.")
        return None
    named = [it for it in applications if it.course.identifier == course_identifier]
    if not named:
        if Course.objects.filter(identifier=course_identifier).exists():
            refusals.add(
                attribute,
                ErrorCode.NO_ACCEPTED_APPLICATION,
                f"The participant has no accepted application for {course_identifier} with you.",
            )
        else:
            refusals.add(
                attribute, ErrorCode.UNKNOWN_COURSE, f"There is no course {course_identifier}."
            )
        return None
    application = max(named, key=lambda it: (not it.is_withdrawn, it.accepted_at, it.id))
    return application if check_has_outcomes(application, attribute, refusals) else None
