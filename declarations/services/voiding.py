"""Taking declarations back (rules 8.11)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from declarations.choices import DeclarationState
from declarations.models import Declaration
from declarations.rules import refusal_to_void, state_after_void
from declarations.services.records import lock_open_statement, take_step
from declarations.signals import declaration_voided
from npq_portal.errors import BASE, ErrorCode, NotFound, Refusal, Refused
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from participants.models import Application
from participants.services.records import lock_applications, lock_holder


@transaction.atomic
def void_declaration(
    *, lead_provider: LeadProvider, declaration_id: UUID, by: Actor, at: datetime
) -> Declaration:
    """Take a declaration back as of ``at`` (UTC) and return it; a paid one awaits clawback.

    Raises NotFound when ``lead_provider`` does not see the declaration, Refused when another
    provider submitted it or its state can't be voided.
    """
    declaration = _lock(lead_provider, declaration_id, at)
    if declaration.lead_provider_id != lead_provider.pk:
        raise Refused(
            Refusal(
                BASE,
                ErrorCode.NOT_SUBMITTER,
                "Another provider submitted this declaration; only that provider can void it.",
            )
        )
    refusal = refusal_to_void(DeclarationState(declaration.state))
    if refusal is not None:
        raise Refused(refusal)
    take_back(declaration, reason="Voided.", by=by, at=at)
    return declaration


def take_back(declaration: Declaration, *, reason: str, by: Actor, at: datetime) -> None:
    """Void a locked ``declaration``, or let the payment for it be clawed back (rules 8.11, 10.7).

    Raises ValueError when its state has no such step.
    """
    state = state_after_void(DeclarationState(declaration.state))
    if state is None:
        raise ValueError(f"A declaration that is {declaration.state} can't be taken back.")
    attach_to = None
    if state == DeclarationState.AWAITING_CLAWBACK:
        attach_to = lock_open_statement(
            declaration.lead_provider, declaration.application.cohort, at=at
        )
    take_step(declaration, state, attach_to=attach_to, by=by, at=at, reason=reason)
    declaration_voided.send(
        sender=Declaration, declaration=declaration, reason=reason, by=by, at=at
    )


def _lock(lead_provider: LeadProvider, declaration_id: UUID, at: datetime) -> Declaration:
    visible = Declaration.objects.for_provider(lead_provider).filter(pk=declaration_id)
    seen = visible.select_related("lead_provider").first()
    if seen is None:
        raise NotFound
    own = Application.objects.filter(pk=seen.application_id)
    lock_holder(own)
    (application,) = lock_applications(own)
    # Before the declaration, which may turn out to have been paid (see the order in records).
    lock_open_statement(seen.lead_provider, application.cohort, at=at)
    declaration = visible.select_for_update(of=("self",)).first()
    if declaration is None:
        raise NotFound
    declaration.application = application
    return declaration
