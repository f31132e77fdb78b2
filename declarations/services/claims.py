"""What makes a declaration stand, whoever records it: a provider, or staff (rules 8.4 to 8.9)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from declarations import rules
from declarations.choices import DeclarationState
from declarations.models import Declaration, DeclarationEvent
from declarations.services.listing import list_declarations
from declarations.services.records import facts_of, lock_open_statement
from declarations.signals import completion_declared
from npq_portal.errors import BASE, ErrorCode, Refusals
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from participants.models import Application
from schedules.choices import DeclarationType
from schedules.models import Course, Milestone
from schedules.services.keeping import keep_group


def needs_has_passed(declaration_type: str | None, course: Course | None) -> bool:
    """Return whether a declaration has to say how the course ended (rules 8.6).

    Whether courses of the group have outcomes stays as it is until commit.
    """
    if declaration_type != DeclarationType.COMPLETED or course is None:
        return False
    return keep_group(course.group).has_outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """That a participant got as far as a milestone; None is missing and stands in the refusals.

    ``declaration_date`` is a UTC instant in whole seconds.
    """

    declaration_type: str | None
    declaration_date: datetime | None
    has_passed: bool | None
    needs_has_passed: bool

    def check(self, refusals: Refusals, *, at: datetime) -> None:
        """Note what is wrong with the claim itself at ``at`` (UTC)."""
        if self.needs_has_passed and self.has_passed is None:
            refusals.add(
                "has_passed",
                ErrorCode.MISSING,
                "A completed declaration for this course needs has_passed, true or false.",
            )
        if self.declaration_date is not None and self.declaration_date > at:
            refusals.add(
                "declaration_date",
                ErrorCode.DATE_IN_FUTURE,
                "The declaration date is in the future; it must be now or earlier.",
            )

    def check_against(self, application: Application, refusals: Refusals) -> None:
        """Note why a locked ``application`` can't have this declaration."""
        if self.declaration_type is not None:
            _check_type(self.declaration_type, application, refusals)
        if self.declaration_date is not None:
            _check_date(self.declaration_date, application, refusals)
        if self.declaration_type is not None:
            _check_slot(self.declaration_type, application, refusals)


def _check_type(declaration_type: str, application: Application, refusals: Refusals) -> None:
    milestones = Milestone.objects.filter(schedule=application.schedule_id)
    types = list(milestones.values_list("declaration_type", flat=True))
    if declaration_type not in types:
        refusals.add(
            "declaration_type",
            ErrorCode.TYPE_NOT_IN_SCHEDULE,
            f"{application.schedule} has no {declaration_type!r} milestone; it has"
            f" {', '.join(types) or 'none at all'}.",
        )


def _check_date(date: datetime, application: Application, refusals: Refusals) -> None:
    milestones = Milestone.objects.filter(schedule=application.schedule_id)
    first = milestones.order_by("start_date").first()
    if first is not None and date < first.starts_at:
        refusals.add(
            "declaration_date",
            ErrorCode.DATE_BEFORE_SCHEDULE,
            f"The schedule starts on {first.start_date}; the declaration date must be on that"
            " day or later.",
        )
    if application.withdrawn_at is not None and date >= application.withdrawn_at:
        refusals.add(
            "declaration_date",
            ErrorCode.DATE_AFTER_WITHDRAWAL,
            "The participant has withdrawn from this course; the declaration date must be"
            f" before {application.withdrawn_at:%Y-%m-%dT%H:%M:%SZ}.",
        )


def _check_slot(declaration_type: str, application: Application, refusals: Refusals) -> None:
    same_type = Declaration.objects.filter(declaration_type=declaration_type)
    elsewhere = same_type.counted().filter(
        application__participant=application.participant_id,
        application__course=application.course_id,
    )
    if same_type.in_slot().filter(application=application).exists() or elsewhere.exists():
        refusals.add(
            BASE,
            ErrorCode.SLOT_TAKEN,
            f"A {declaration_type} declaration for this participant and course exists already; it"
            " must be voided before another is made.",
        )


def write_claim(
    application: Application,
    claim: Claim,
    *,
    lead_provider: LeadProvider,
    records: Collection[UUID],
    reason: str,
    by: Actor,
    at: datetime,
) -> Declaration:
    """Record a ``claim`` that was checked, submitted by ``lead_provider``; return it (rules 8.8).

    ``application`` is locked, and so are all ``records`` of its person, given by their ids.
    """
    if claim.declaration_type is None or claim.declaration_date is None:
        raise ValueError("A value that is missing must stand in the refusals.")
    duplicated = _duplicated(application, claim.declaration_type, records)
    state = rules.assess(facts_of(application, duplicate=duplicated is not None))
    statement = None
    if state == DeclarationState.ELIGIBLE:
        statement = lock_open_statement(lead_provider, application.cohort, at=at)
    declaration = Declaration.objects.create(
        application=application,
        lead_provider=lead_provider,
        declaration_type=claim.declaration_type,
        declaration_date=claim.declaration_date,
        has_passed=claim.has_passed,
        state=state,
        duplicate_of=duplicated,
        statement=statement,
        created_at=at,
        updated_at=at,
    )
    list_declarations([declaration])
    DeclarationEvent.objects.create(
        declaration=declaration,
        to_state=state,
        statement=statement,
        at=at,
        reason=reason,
        **by.columns(),
    )
    if declaration.has_passed is not None:
        completion_declared.send(
            sender=Declaration, declaration=declaration, reason=reason, by=by, at=at
        )
    return declaration


def _duplicated(
    application: Application, declaration_type: str, records: Collection[UUID]
) -> Declaration | None:
    """Return what another record of the same person has in this slot (rules 8.9)."""
    return (
        Declaration.objects.counted()
        .filter(
            application__participant__in=[it for it in records if it != application.participant_id],
            application__course=application.course_id,
            declaration_type=declaration_type,
        )
        .order_by("created_at", "id")
        .first()
    )
