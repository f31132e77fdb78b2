"""Outcomes and notifications keep to chapter 9."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Subquery

from declarations.choices import DeclarationState
from declarations.models import Declaration, DeclarationListing
from npq_portal.back_office.integrity.reading import Check, sentences
from outcomes.choices import OutcomeState
from outcomes.models import Outcome, OutcomeListing
from schedules.choices import DeclarationType

TAKEN_BACK = (
    DeclarationState.VOIDED,
    DeclarationState.AWAITING_CLAWBACK,
    DeclarationState.CLAWED_BACK,
)


def _outcomes_stand_under_completed_declarations() -> Iterator[str]:
    yield from sentences(
        Outcome.objects.exclude(declaration__declaration_type=DeclarationType.COMPLETED),
        "Outcome {id} belongs to declaration {declaration_id}, not a completed one.",
    )


def _declared_completions_have_an_outcome() -> Iterator[str]:
    outcomes = Outcome.objects.filter(declaration=OuterRef("pk"))
    yield from sentences(
        Declaration.objects.filter(~Exists(outcomes), has_passed__isnull=False),
        "Declaration {id} came with has_passed, but has no outcome.",
    )


def _taken_back_declarations_have_no_live_outcome() -> Iterator[str]:
    newest = Outcome.objects.filter(declaration=OuterRef("pk")).order_by("-created_at", "-id")
    yield from sentences(
        Declaration.objects.annotate(newest=Subquery(newest.values("state")[:1])).filter(
            state__in=TAKEN_BACK, newest__in=[OutcomeState.PASSED, OutcomeState.FAILED]
        ),
        "Declaration {id} is {state}, but its outcome is still {newest}.",
    )


def _outcomes_are_listed() -> Iterator[str]:
    listing = OutcomeListing.objects.filter(
        outcome=OuterRef("pk"), lead_provider=OuterRef("provider")
    )
    yield from sentences(
        Outcome.objects.filter(declaration__listings__isnull=False)
        .annotate(provider=F("declaration__listings__lead_provider"))
        .filter(~Exists(listing)),
        "Outcome {id} is missing in the list of provider {provider}, which sees its declaration.",
    )
    of_declaration = DeclarationListing.objects.filter(
        declaration=OuterRef("outcome__declaration"), lead_provider=OuterRef("lead_provider")
    )
    yield from sentences(
        OutcomeListing.objects.filter(~Exists(of_declaration)),
        "Outcome {outcome_id} stands in the list of provider {lead_provider_id}, which does not see"
        " its declaration.",
    )
    yield from sentences(
        OutcomeListing.objects.exclude(created_at=F("outcome__created_at")),
        "Outcome {outcome_id} stands in the list of provider {lead_provider_id} at {created_at},"
        " when it was not recorded.",
    )


def _retracted_passes_are_notified() -> Iterator[str]:
    earlier = Outcome.objects.filter(
        declaration=OuterRef("declaration"), created_at__lt=OuterRef("created_at")
    ).order_by("-created_at")
    yield from sentences(
        Outcome.objects.annotate(earlier=Subquery(earlier.values("state")[:1])).filter(
            state=OutcomeState.VOIDED, earlier=OutcomeState.PASSED, notification__isnull=True
        ),
        "Outcome {id} retracted a pass, but nobody was notified.",
    )


CHECKS: tuple[Check, ...] = (
    _outcomes_stand_under_completed_declarations,
    _declared_completions_have_an_outcome,
    _taken_back_declarations_have_no_live_outcome,
    _outcomes_are_listed,
    _retracted_passes_are_notified,
)
