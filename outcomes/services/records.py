"""What every command on outcomes does: lock what they belong to, add to them (rules 9)."""

from collections.abc import Sequence
from datetime import date, datetime

from declarations.models import Declaration
from npq_portal.errors import BASE, ErrorCode, Refusals
from npq_portal.history import Actor
from npq_portal.prepared import insert
from outcomes.models import Outcome
from outcomes.rules import Newest, recorded_at
from outcomes.services.listing import listings_of
from participants.models import Application
from schedules.choices import DeclarationType


def check_has_outcomes(application: Application, attribute: str, refusals: Refusals) -> bool:
    """Return whether the course has outcomes; note under ``attribute`` if not (rules 2.1, 9.3)."""
    course = application.course
    if not course.group.has_outcomes:
        refusals.add(
            attribute,
            ErrorCode.NO_OUTCOMES_FOR_COURSE,
            f"{course} has no outcomes; a completed declaration is all it needs.",
        )
    return course.group.has_outcomes


def lock_live_declaration(
    applications: Sequence[Application], refusals: Refusals
) -> Declaration | None:
    """Lock and return the completed declaration that stands; note when there is none (rules 9.3).

    Of ``applications`` for one course, it is of the first that has one.
    """
    completed = (
        Declaration.objects.in_slot()
        .filter(application__in=applications, declaration_type=DeclarationType.COMPLETED)
        .select_for_update(of=("self",))
        .order_by("id")
    )
    standing = {it.application_id: it for it in completed}
    declaration = next((standing[it.pk] for it in applications if it.pk in standing), None)
    if declaration is None:
        refusals.add(
            BASE,
            ErrorCode.NO_COMPLETED_DECLARATION,
            "There is no completed declaration for this course to record an outcome of;"
            " submit one first.",
        )
    return declaration


def newest_outcome(declaration: Declaration) -> Outcome | None:
    """Return the outcome of ``declaration`` that counts (rules 9.1)."""
    return Outcome.objects.filter(declaration=declaration).order_by("-created_at").first()


def facts_of(outcome: Outcome) -> Newest:
    """Return what the rules ask of ``outcome``, which is the newest."""
    return Newest(
        state=outcome.state,
        completion_date=outcome.completion_date,
        created_at=outcome.created_at,
    )


def write_outcome(
    declaration: Declaration,
    newest: Outcome | None,
    state: str,
    completion_date: date,
    *,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> Outcome:
    """Add an outcome to those of a locked ``declaration``, of which ``newest`` counts so far."""
    outcome = Outcome(
        declaration=declaration,
        state=state,
        completion_date=completion_date,
        created_at=recorded_at(facts_of(newest) if newest else None, at),
        at=at,
        reason=reason,
        **by.columns(),
    )
    insert(outcome, *listings_of(outcome))
    declaration.updated_at = max(declaration.updated_at, at)
    declaration.save(update_fields=["updated_at"])
    return outcome
