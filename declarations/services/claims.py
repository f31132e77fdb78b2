"""What makes a declaration stand, whoever records it: a provider, or staff (rules 8.4 to 8.9)."""

from dataclasses import dataclass
from datetime import datetime

from declarations import rules
from declarations.choices import DeclarationState
from declarations.models import Declaration, DeclarationEvent
from declarations.services.circumstances import Circumstances
from declarations.services.listing import listing_of
from declarations.services.records import lock_open_statement
from declarations.signals import completion_declared
from npq_portal.errors import BASE, ErrorCode, Refusals
from npq_portal.history import Actor
from npq_portal.prepared import insert
from npq_portal.providers.models import LeadProvider
from schedules.choices import DeclarationType
from schedules.models import Course
from schedules.services.keeping import keep_group


def keep_need_of_has_passed(course: Course | None) -> bool:
    """Return whether a completed declaration has to say how the course ended (rules 8.6).

    Whether courses of the group have outcomes stays as it is until commit.
    """
    return course is not None and keep_group(course.group).has_outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """That a participant got as far as a milestone; None is missing and stands in the refusals.

    ``declaration_date`` is a UTC instant in whole seconds.
    """

    declaration_type: str | None
    declaration_date: datetime | None
    has_passed: bool | None
    needs_has_passed: bool

    @property
    def is_of_a_known_type(self) -> bool:
        """Whether any schedule could have a milestone for it."""
        return self.declaration_type in DeclarationType.values

    def check(self, refusals: Refusals, *, at: datetime) -> None:
        """Note what is wrong with the claim itself at ``at`` (UTC)."""
        if self.declaration_type is not None and not self.is_of_a_known_type:
            refusals.add(
                "declaration_type",
                ErrorCode.INVALID,
                f"{self.declaration_type!r} is no declaration type; it must be one of"
                f" {', '.join(DeclarationType.values)}.",
            )
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

    def check_against(self, circumstances: Circumstances, refusals: Refusals) -> None:
        """Note why the application can't have this declaration."""
        if self.declaration_type is not None and self.is_of_a_known_type:
            _check_type(self.declaration_type, circumstances, refusals)
        if self.declaration_date is not None:
            _check_date(self.declaration_date, circumstances, refusals)
        if self.declaration_type is not None and circumstances.is_slot_taken():
            refusals.add(
                BASE,
                ErrorCode.SLOT_TAKEN,
                f"A {self.declaration_type} declaration for this participant and course exists"
                " already; it must be voided before another is made.",
            )


def _check_type(declaration_type: str, circumstances: Circumstances, refusals: Refusals) -> None:
    types = circumstances.milestones
    if declaration_type not in types:
        refusals.add(
            "declaration_type",
            ErrorCode.TYPE_NOT_IN_SCHEDULE,
            f"{circumstances.application.schedule} has no {declaration_type!r} milestone; it has"
            f" {', '.join(types) or 'none at all'}.",
        )


def _check_date(date: datetime, circumstances: Circumstances, refusals: Refusals) -> None:
    first, withdrawn_at = circumstances.first_milestone(), circumstances.application.withdrawn_at
    if first is not None and date < first.starts_at:
        refusals.add(
            "declaration_date",
            ErrorCode.DATE_BEFORE_SCHEDULE,
            f"The schedule starts on {first.start_date}; the declaration date must be on that"
            " day or later.",
        )
    if withdrawn_at is not None and date >= withdrawn_at:
        refusals.add(
            "declaration_date",
            ErrorCode.DATE_AFTER_WITHDRAWAL,
            "The participant has withdrawn from this course; the declaration date must be"
            f" before {withdrawn_at:%Y-%m-%dT%H:%M:%SZ}.",
        )


def write_claim(
    claim: Claim,
    circumstances: Circumstances,
    *,
    lead_provider: LeadProvider,
    reason: str,
    by: Actor,
    at: datetime,
) -> Declaration:
    """Record a ``claim`` that was checked, submitted by ``lead_provider``; return it (rules 8.8).

    The application is locked, and so are all records of its person, whose declarations the
    ``circumstances`` tell of.
    """
    if claim.declaration_type is None or claim.declaration_date is None:
        raise ValueError("A value that is missing must stand in the refusals.")
    application = circumstances.application
    state = rules.assess(circumstances.facts())
    statement = None
    if state == DeclarationState.ELIGIBLE:
        statement = lock_open_statement(lead_provider, application.cohort, at=at)
    declaration = Declaration(
        application=application,
        lead_provider=lead_provider,
        declaration_type=claim.declaration_type,
        declaration_date=claim.declaration_date,
        has_passed=claim.has_passed,
        state=state,
        duplicate_of=circumstances.duplicated(),
        statement=statement,
        created_at=at,
        updated_at=at,
    )
    recorded = DeclarationEvent(
        declaration=declaration,
        to_state=state,
        statement=statement,
        at=at,
        reason=reason,
        **by.columns(),
    )
    insert(declaration, listing_of(declaration), recorded)
    if declaration.has_passed is not None:
        completion_declared.send(
            sender=Declaration, declaration=declaration, reason=reason, by=by, at=at
        )
    return declaration
