"""Assessing declarations again when the facts of their application change (rules 10.3)."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from declarations import rules
from declarations.choices import DeclarationState
from declarations.models import Declaration, DeclarationQuerySet, Statement
from declarations.services.records import (
    chunks,
    facts_of,
    lock_open_statement,
    take_step_together,
)
from npq_portal.errors import BASE, ErrorCode, Refusal, Refused
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from participants.models import Application
from participants.services.corrections.obstacles import named
from schedules.choices import DeclarationType
from schedules.models import Cohort, Milestone, Schedule


@transaction.atomic
def reassess_declarations(*, application: Application, by: Actor, at: datetime, reason: str) -> int:
    """Assess the unpaid declarations of a locked ``application`` again; count the changed.

    ``reason`` is a sentence for the history, ``at`` the UTC instant. Applying it again changes
    nothing. Raises Refused where one would count beside another (rules 8.7).
    """
    of_application = Declaration.objects.filter(application=application)
    started = _started(application.schedule_id)
    return _reassess(
        of_application, application.cohort, started=started, by=by, at=at, reason=reason
    )


@transaction.atomic
def reassess_schedule(*, schedule: Schedule, by: Actor, at: datetime, reason: str) -> int:
    """Assess again what the started cut-off of a ``schedule`` decides; count the changed.

    These are the declarations of those who withdrew. The applications are locked. Raises Refused
    where one would count beside another (rules 8.7).
    """
    of_leavers = Declaration.objects.filter(
        application__schedule=schedule, application__withdrawn_at__isnull=False
    )
    started = _started(schedule.pk)
    return _reassess(of_leavers, schedule.cohort, started=started, by=by, at=at, reason=reason)


def _started(schedule_id: int | None) -> Milestone | None:
    return Milestone.objects.filter(
        schedule=schedule_id, declaration_type=DeclarationType.STARTED
    ).first()


def _reassess(
    declarations: DeclarationQuerySet,
    cohort: Cohort,
    *,
    started: Milestone | None,
    by: Actor,
    at: datetime,
    reason: str,
) -> int:
    unpaid = declarations.filter(state__in=rules.UNPAID)
    submitters = LeadProvider.objects.filter(declarations__in=unpaid).distinct().order_by("id")
    open_statements = {it.pk: lock_open_statement(it, cohort, at=at) for it in submitters}
    locked = unpaid.select_for_update(of=("self",)).order_by("id").values_list("id", flat=True)
    changed = 0
    for chunk in chunks(list(locked)):
        for step, ids in _steps(chunk, started).items():
            statement = step.attach_to(open_statements)
            take_step_together(
                Declaration.objects.filter(pk__in=ids),
                (step.before, step.to),
                values={"statement_id": statement.pk if statement else None},
                by=by,
                at=at,
                reason=reason,
            )
            changed += len(ids)
            if step.begins_to_count:
                _refuse_rivals(ids)
    return changed


class _Step(NamedTuple):
    """What declarations of one provider come to."""

    before: DeclarationState
    to: DeclarationState
    lead_provider_id: UUID

    @property
    def begins_to_count(self) -> bool:
        """Whether they take slots that they had left free."""
        return self.to in rules.COUNTED and self.before not in rules.COUNTED

    def attach_to(self, open_statements: Mapping[UUID, Statement | None]) -> Statement | None:
        """Return the statement they are on then; what is not to be paid leaves its own (10.7)."""
        is_paid = self.to == DeclarationState.ELIGIBLE
        return open_statements[self.lead_provider_id] if is_paid else None


def _steps(ids: Collection[UUID], started: Milestone | None) -> dict[_Step, list[UUID]]:
    """Return the steps that declarations take, each with the ids of those that take it."""
    steps: dict[_Step, list[UUID]] = defaultdict(list)
    for declaration in Declaration.objects.filter(pk__in=ids).select_related("application"):
        before = DeclarationState(declaration.state)
        duplicate = declaration.duplicate_of_id is not None
        facts = facts_of(declaration.application, started=started, duplicate=duplicate)
        after = rules.reassess(before, facts)
        if after != before:
            steps[_Step(before, after, declaration.lead_provider_id)].append(declaration.pk)
    return steps


def _refuse_rivals(ids: Collection[UUID]) -> None:
    """Raise Refused where another counts for the person, course and type of one of ``ids``."""
    person = "application__participant"
    trn = f"{person}__teacher_reference_number"
    others = (
        Declaration.objects.counted()
        .exclude(application=OuterRef("application"))
        .filter(
            application__course=OuterRef("application__course"),
            declaration_type=OuterRef("declaration_type"),
        )
    )
    of_record = others.filter(application__participant=OuterRef(person))
    is_validated = Q((f"{trn}_validated", True))
    of_person = others.filter(is_validated, Q((trn, OuterRef(trn))))
    rivals = Declaration.objects.filter(
        Exists(of_record) | (is_validated & Exists(of_person)), pk__in=ids
    )
    told = named(rivals)
    if told:
        raise Refused(
            Refusal(
                BASE,
                ErrorCode.SLOT_TAKEN,
                "These would count again, though another counts for the same person, course and"
                f" type: {', '.join(told)}. Void one of each two first.",
            )
        )
