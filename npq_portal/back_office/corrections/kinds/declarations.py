"""Corrections of declarations (rules 14.9)."""

from declarations.choices import DeclarationState
from declarations.models import Declaration
from declarations.rules import refusal_to_claw_back, refusal_to_void_unpaid
from declarations.services import claw_back, record_for_provider, void_for_provider
from npq_portal.back_office.corrections import forms
from npq_portal.back_office.corrections.kinds.kind import Kind, by_id
from participants.choices import ApplicationStatus
from participants.models import Application

PERMISSION = "declarations.change_declaration"


def _is_accepted(application: Application) -> bool:
    return application.status == ApplicationStatus.ACCEPTED


def _is_unpaid(declaration: Declaration) -> bool:
    return refusal_to_void_unpaid(DeclarationState(declaration.state)) is None


def _is_paid(declaration: Declaration) -> bool:
    return refusal_to_claw_back(DeclarationState(declaration.state)) is None


OF_DECLARATIONS = (
    Kind(
        slug="declare",
        title="Record declaration",
        done="The declaration is recorded.",
        about=Application,
        permission=PERMISSION,
        form=forms.DeclarationForm,
        service=by_id(record_for_provider, "application_id"),
        is_offered=_is_accepted,
        instead="A declaration that was recorded in error is voided, on its own page.",
    ),
    Kind(
        slug="void",
        title="Void declaration",
        done="The declaration is voided.",
        about=Declaration,
        permission=PERMISSION,
        form=forms.CorrectionForm,
        service=by_id(void_for_provider, "declaration_id"),
        is_offered=_is_unpaid,
        instead="A voided declaration stays voided. If it was right, record it again: its slot is"
        " free now.",
    ),
    Kind(
        slug="claw-back",
        title="Claw back payment",
        done="The payment will be taken back.",
        about=Declaration,
        permission=PERMISSION,
        form=forms.CorrectionForm,
        service=by_id(claw_back, "declaration_id"),
        is_offered=_is_paid,
        instead="A payment that is to be taken back will be. If the declaration was right, record"
        " it again: it is paid for anew.",
    ),
)
