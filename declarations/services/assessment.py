"""Assessing declarations again when the facts of their application change (rules 10.3)."""

from datetime import datetime

from django.db import transaction

from declarations import rules
from declarations.choices import DeclarationState
from declarations.models import Declaration, DeclarationQuerySet
from declarations.services.records import facts_of, lock_open_statement, take_step
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from participants.models import Application
from schedules.choices import DeclarationType
from schedules.models import Cohort, Milestone, Schedule


@transaction.atomic
def reassess_declarations(
    *, application: Application, by: Actor, at: datetime, reason: str
) -> list[Declaration]:
    """Assess the unpaid declarations of a locked ``application`` again; return the changed.

    ``reason`` is a sentence for the history. Applying it again changes nothing.
    """
    of_application = Declaration.objects.filter(application=application)
    return _reassess(of_application, application.cohort, by=by, at=at, reason=reason)


@transaction.atomic
def reassess_schedule(
    *, schedule: Schedule, by: Actor, at: datetime, reason: str
) -> list[Declaration]:
    """Assess again what the started cut-off of a ``schedule`` decides; return the changed.

    These are the declarations of those who withdrew. The applications are locked.
    """
    of_leavers = Declaration.objects.filter(
        application__schedule=schedule, application__withdrawn_at__isnull=False
    )
    return _reassess(of_leavers, schedule.cohort, by=by, at=at, reason=reason)


def _reassess(
    declarations: DeclarationQuerySet, cohort: Cohort, *, by: Actor, at: datetime, reason: str
) -> list[Declaration]:
    unpaid = declarations.filter(state__in=rules.UNPAID)
    submitters = LeadProvider.objects.filter(declarations__in=unpaid).distinct().order_by("id")
    open_statements = {it.pk: lock_open_statement(it, cohort, at=at) for it in submitters}
    changed = []
    locked = unpaid.select_related("application").select_for_update(of=("self",))
    for declaration in locked.order_by("id"):
        before = DeclarationState(declaration.state)
        duplicate = declaration.duplicate_of_id is not None
        application = declaration.application
        facts = facts_of(application, started=_started(application), duplicate=duplicate)
        after = rules.reassess(before, facts)
        if after != before:
            attach_to = open_statements[declaration.lead_provider_id]
            take_step(declaration, after, attach_to=attach_to, by=by, at=at, reason=reason)
            changed.append(declaration)
    return changed


def _started(application: Application) -> Milestone | None:
    return Milestone.objects.filter(
        schedule=application.schedule_id, declaration_type=DeclarationType.STARTED
    ).first()
