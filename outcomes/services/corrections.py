"""What staff put right about outcomes (rules 14.10)."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from declarations.models import Declaration
from npq_portal.clock import london_day
from npq_portal.corrections import check_reason
from npq_portal.errors import BASE, ErrorCode, NotFound, Refusals
from npq_portal.history import Actor
from outcomes.models import Outcome
from outcomes.rules import refusal_to_repeat, refusal_to_retract, refusals_to_post
from outcomes.services.recording import retract_outcome
from outcomes.services.records import (
    check_has_outcomes,
    facts_of,
    lock_live_declaration,
    newest_outcome,
    write_outcome,
)
from participants.services.corrections.locking import lock_application


@transaction.atomic
def record_outcome_for_provider(
    *,
    declaration_id: UUID,
    state: str,
    completion_date: date,
    reason: str,
    by: Actor,
    at: datetime,
) -> Outcome:
    """Record how the course of a completed declaration ended, or correct that; return the outcome.

    ``completion_date`` is a London day, ``at`` a UTC instant. Raises NotFound when there is no such
    declaration, Refused as rules 14.10 say.
    """
    declaration, refusals = _lock(declaration_id)
    reason = check_reason(reason, by, refusals)
    refusals.note(*refusals_to_post(state, completion_date, london_day(at)))
    newest = newest_outcome(declaration) if declaration else None
    if newest is not None:
        refusals.note(refusal_to_repeat(facts_of(newest), state, completion_date))
    refusals.raise_any()
    if declaration is None:
        raise ValueError("Without a declaration there must have been a refusal.")
    return write_outcome(declaration, newest, state, completion_date, reason=reason, by=by, at=at)


@transaction.atomic
def retract_outcome_by_staff(
    *, declaration_id: UUID, reason: str, by: Actor, at: datetime
) -> Outcome:
    """Retract the outcome of a completed declaration that stands, and return the retraction.

    A participant who had passed is owed a notification. Raises NotFound when there is no such
    declaration, Refused as rules 14.10 say.
    """
    declaration, refusals = _lock(declaration_id)
    reason = check_reason(reason, by, refusals)
    if declaration is not None:
        newest = newest_outcome(declaration)
        refusals.note(refusal_to_retract(facts_of(newest) if newest else None))
    refusals.raise_any()
    if declaration is None:
        raise ValueError("Without a declaration there must have been a refusal.")
    retraction = retract_outcome(declaration=declaration, reason=reason, by=by, at=at)
    if retraction is None:
        raise ValueError("Without an outcome to retract there must have been a refusal.")
    return retraction


def _lock(declaration_id: UUID) -> tuple[Declaration | None, Refusals]:
    """Return a completed declaration, locked if it stands; note why there is none."""
    seen = Declaration.objects.filter(pk=declaration_id).first()
    if seen is None:
        raise NotFound(f"There is no declaration {declaration_id}.")
    application, _others = lock_application(seen.application_id)
    refusals = Refusals()
    if not check_has_outcomes(application, BASE, refusals):
        return None, refusals
    standing = lock_live_declaration([application], refusals)
    if standing is None or standing == seen:
        return standing, refusals
    refusals.add(
        BASE,
        ErrorCode.NO_COMPLETED_DECLARATION,
        "This is not the completed declaration that stands for this course: see"
        f" {standing.pk} instead.",
    )
    return None, refusals
