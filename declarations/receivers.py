"""What declarations and statements do about changes elsewhere."""

from datetime import datetime
from typing import Any

from django.db.models.functions import Greatest
from django.dispatch import receiver

from declarations.services import (
    open_statements_for,
    reassess_declarations,
    reassess_schedule,
    relist_declarations,
)
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from npq_portal.providers.signals import lead_provider_created
from participants.models import Application
from participants.signals import application_changed, application_reassigned
from schedules.models import Schedule
from schedules.signals import started_cut_off_changed


@receiver(application_changed, dispatch_uid="declarations.reassess")
def reassess(
    *, application: Application, by: Actor, at: datetime, reason: str, **_signal: Any
) -> None:
    """Assess the application's unpaid declarations again (rules 10.3)."""
    reassess_declarations(application=application, by=by, at=at, reason=reason)


@receiver(application_reassigned, dispatch_uid="declarations.relist")
def relist(*, application: Application, at: datetime, **_signal: Any) -> None:
    """Show declarations to whom they are to be shown now, with a new ``updated_at`` (4.1, 14.1)."""
    relist_declarations(application)
    application.declarations.update(updated_at=Greatest("updated_at", at))


@receiver(started_cut_off_changed, dispatch_uid="declarations.reassess_schedule")
def reassess_those_who_left(
    *, schedule: Schedule, by: Actor, at: datetime, reason: str, **_signal: Any
) -> None:
    """Assess again what the started cut-off decides (rules 10.3)."""
    reassess_schedule(schedule=schedule, by=by, at=at, reason=reason)


@receiver(lead_provider_created, dispatch_uid="declarations.open_statements")
def open_statements(
    *, lead_provider: LeadProvider, by: Actor, at: datetime, **_signal: Any
) -> None:
    """Give a new provider the statements that every provider has (rules 2.5)."""
    open_statements_for(lead_provider=lead_provider, by=by, at=at)
