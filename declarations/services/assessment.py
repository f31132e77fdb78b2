"""Assessing declarations again when the facts of their application change (rules 10.3)."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from declarations import rules
from declarations.choices import DeclarationState
from declarations.models import Declaration
from declarations.services.records import facts_of, lock_open_statement, take_step
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from participants.models import Application


@transaction.atomic
def reassess_declarations(
    *, application: Application, by: Actor, at: datetime, reason: str
) -> list[Declaration]:
    """Assess the unpaid declarations of a locked ``application`` again; return the changed.

    ``reason`` is a sentence for the history. Applying it again changes nothing.
    """
    unpaid = Declaration.objects.filter(application=application, state__in=rules.UNPAID)
    submitters = LeadProvider.objects.filter(declarations__in=unpaid).distinct().order_by("id")
    open_statements = {
        it.pk: lock_open_statement(it, application.cohort, at=at) for it in submitters
    }
    facts = facts_of(application, duplicate=False)
    changed = []
    for declaration in unpaid.select_for_update(of=("self",)).order_by("id"):
        before = DeclarationState(declaration.state)
        duplicate = declaration.duplicate_of_id is not None
        after = rules.reassess(before, replace(facts, duplicate=duplicate))
        if after != before:
            attach_to = open_statements[declaration.lead_provider_id]
            take_step(declaration, after, attach_to=attach_to, by=by, at=at, reason=reason)
            changed.append(declaration)
    return changed
