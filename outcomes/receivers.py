"""What happens to outcomes when declarations change, in the transaction of the change."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from declarations.models import Declaration
from declarations.signals import (
    completion_declared,
    declaration_voided,
    declarations_relisted,
)
from npq_portal.history import Actor
from outcomes.services import record_first_outcome, relist_outcomes, retract_outcome
from participants.models import Application


@receiver(completion_declared, dispatch_uid="outcomes.record_first_outcome")
def on_completion_declared(
    *, declaration: Declaration, by: Actor, at: datetime, reason: str = "", **_kwargs: Any
) -> None:
    """Record the outcome that a completed declaration came with (rules 9.2)."""
    record_first_outcome(declaration=declaration, reason=reason, by=by, at=at)


@receiver(declaration_voided, dispatch_uid="outcomes.retract_outcome")
def on_declaration_voided(
    *, declaration: Declaration, by: Actor, at: datetime, reason: str = "", **_kwargs: Any
) -> None:
    """Retract the outcome of a voided declaration (rules 9.5)."""
    retract_outcome(declaration=declaration, reason=reason, by=by, at=at)


@receiver(declarations_relisted, dispatch_uid="outcomes.relist")
def on_declarations_relisted(*, application: Application, **_kwargs: Any) -> None:
    """Show outcomes to whom their declarations are shown (rules 4.1)."""
    relist_outcomes(application)
