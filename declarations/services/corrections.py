"""What staff put right about declarations (rules 14.9)."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from declarations.choices import DeclarationState
from declarations.models import Declaration
from declarations.rules import refusal_to_claw_back, refusal_to_void_unpaid
from declarations.services.circumstances import Circumstances, milestones_of, standing_of
from declarations.services.claims import Claim, keep_need_of_has_passed, write_claim
from declarations.services.records import lock_open_statement
from declarations.services.voiding import take_back
from npq_portal.clock import whole_seconds
from npq_portal.corrections import check_reason
from npq_portal.errors import BASE, ErrorCode, NotFound, Refusal, Refusals
from npq_portal.history import Actor
from npq_portal.prepared import ask
from participants.choices import ApplicationStatus
from participants.services.corrections.locking import lock_application
from schedules.choices import DeclarationType


@transaction.atomic
def record_for_provider(
    *,
    application_id: UUID,
    declaration_type: str,
    declaration_date: datetime,
    has_passed: bool | None,
    reason: str,
    by: Actor,
    at: datetime,
) -> Declaration:
    """Record what the application's provider could declare at ``at`` (UTC), and return it.

    A copy of a declaration that stands is refused like any other of its slot. Raises NotFound when
    there is no such application, Refused as rules 14.9 say.
    """
    application, _others = lock_application(application_id)
    whose = (application.participant_id, application.course.identifier)
    milestones, standing = ask(milestones_of(*whose), standing_of(*whose, declaration_type))
    circumstances = Circumstances.of(application, milestones, standing)
    needed = declaration_type == DeclarationType.COMPLETED and keep_need_of_has_passed(
        application.course
    )
    claim = Claim(
        declaration_type=declaration_type,
        declaration_date=whole_seconds(declaration_date),
        has_passed=has_passed if needed else None,
        needs_has_passed=needed,
    )
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    claim.check(refusals, at=at)
    if application.status == ApplicationStatus.ACCEPTED:
        claim.check_against(circumstances, refusals)
    else:
        refusals.add(
            BASE, ErrorCode.NOT_ACCEPTED, f"The application is {application.status}, not accepted."
        )
    refusals.raise_any()
    return write_claim(
        claim,
        circumstances,
        lead_provider=application.lead_provider,
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def void_for_provider(*, declaration_id: UUID, reason: str, by: Actor, at: datetime) -> Declaration:
    """Void an unpaid declaration, whoever submitted it, and return it.

    Raises NotFound when there is no such declaration, Refused as rules 14.9 say.
    """
    return _take_back(declaration_id, refusal_to_void_unpaid, reason=reason, by=by, at=at)


@transaction.atomic
def claw_back(*, declaration_id: UUID, reason: str, by: Actor, at: datetime) -> Declaration:
    """Let the payment of a declaration be taken back from who submitted it; return it.

    Raises NotFound when there is no such declaration, Refused as rules 14.9 say.
    """
    return _take_back(declaration_id, refusal_to_claw_back, reason=reason, by=by, at=at)


def _take_back(
    declaration_id: UUID,
    refusal: Callable[[DeclarationState], Refusal | None],
    *,
    reason: str,
    by: Actor,
    at: datetime,
) -> Declaration:
    declaration = _lock(declaration_id, at)
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    refusals.note(refusal(DeclarationState(declaration.state)))
    refusals.raise_any()
    take_back(declaration, reason=reason, by=by, at=at)
    return declaration


def _lock(declaration_id: UUID, at: datetime) -> Declaration:
    seen = Declaration.objects.select_related("lead_provider").filter(pk=declaration_id).first()
    if seen is None:
        raise NotFound(f"There is no declaration {declaration_id}.")
    application, _others = lock_application(seen.application_id)
    # Before the declaration, which may turn out to have been paid (see the order in records).
    lock_open_statement(seen.lead_provider, application.cohort, at=at)
    declaration = Declaration.objects.select_for_update().get(pk=declaration_id)
    declaration.application = application
    return declaration
