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
from participants.services.courses import lock_enrolments
from participants.services.records import on_a_person


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
    declaration = _lock_completed(lead_provider, participant_id, course_identifier, refusals)
    refusals.note(*refusals_to_post(state, completion_date, london_day(at)))
    refusals.raise_any()
    if declaration is None or state is None or completion_date is None:
        raise ValueError("A value that is missing must stand in the refusals.")
    outcome = newest_outcome(declaration)
    if outcome is not None and is_repeat(facts_of(outcome), state, completion_date):
        return outcome
    return write_outcome(declaration, outcome, state, completion_date, by=by, at=at)


def record_first_outcome(
    *, declaration: Declaration, reason: str = "", by: Actor, at: datetime
) -> Outcome:
    """Record the outcome that a new completed ``declaration`` came with, and return it (rules 9.2).

    It has ``has_passed``. To be called inside the transaction of the declaration.
    """
    return write_outcome(
        declaration,
        None,
        first_state(bool(declaration.has_passed)),
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


def _lock_completed(
    lead_provider: LeadProvider,
    participant_id: UUID,
    course_identifier: str | None,
    refusals: Refusals,
) -> Declaration | None:
    """Lock and return the declaration whose outcome it is; note why there is none (rules 9.3).

    A withdrawn enrolment's stands beside another enrolment for the course.
    """
    attribute = "course_identifier"
    if course_identifier is None:
        refusals.add(attribute, ErrorCode.MISSING, "Give the course_identifier of the course.")
    enrolments = lock_enrolments(lead_provider, participant_id, course_identifier, refusals)
    if not enrolments or not check_has_outcomes(enrolments[0], attribute, refusals):
        return None
    return lock_live_declaration(enrolments, refusals)
