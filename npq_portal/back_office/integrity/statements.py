"""Statements hold what chapter 10 puts on them, and nothing waits that has a place."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Greatest, TruncDate

from declarations.choices import DeclarationState, StatementState
from declarations.models import Declaration, DeclarationEvent, Statement
from npq_portal.back_office.integrity.reading import Check, sentences
from npq_portal.clock import LONDON

FITTING = (
    (DeclarationState.ELIGIBLE, "statement", (StatementState.OPEN,)),
    (DeclarationState.PAYABLE, "statement", (StatementState.PAYABLE,)),
    (DeclarationState.PAID, "statement", (StatementState.PAID,)),
    (DeclarationState.AWAITING_CLAWBACK, "statement", (StatementState.PAID,)),
    (
        DeclarationState.AWAITING_CLAWBACK,
        "clawback_statement",
        (StatementState.OPEN, StatementState.PAYABLE),
    ),
    (DeclarationState.CLAWED_BACK, "statement", (StatementState.PAID,)),
    (DeclarationState.CLAWED_BACK, "clawback_statement", (StatementState.PAID,)),
)
"""In which states a statement may be that a declaration in a state is on (rules 10.5, 10.6)."""

WAITING = (
    (DeclarationState.ELIGIBLE, "statement", "application__cohort"),
    (DeclarationState.AWAITING_CLAWBACK, "clawback_statement", "statement__period__cohort"),
)
"""What may wait for which statement, and the cohort of that (rules 10.4, 10.7)."""


def _declarations_fit_their_statements() -> Iterator[str]:
    for state, column, fitting in FITTING:
        yield from sentences(
            Declaration.objects.filter(state=state, **{f"{column}__isnull": False}).exclude(
                **{f"{column}__state__in": fitting}
            ),
            f"Declaration {{id}} is {{state}}, which does not fit its {column.replace('_', ' ')}"
            f" {{{column}_id}}.",
        )


def _statements_hold_what_their_provider_submitted() -> Iterator[str]:
    for column in ("statement", "clawback_statement"):
        yield from sentences(
            Declaration.objects.filter(**{f"{column}__isnull": False}).exclude(
                **{f"{column}__lead_provider": F("lead_provider")}
            ),
            f"Declaration {{id}} is on statement {{{column}_id}} of another provider.",
        )


def _statements_hold_their_cohort() -> Iterator[str]:
    """Take back in the cohort that paid, wherever the application has gone (rules 10.7)."""
    counted = Declaration.objects.counted().filter(statement__isnull=False)
    taken_back = Declaration.objects.filter(clawback_statement__isnull=False)
    for rows, column in (
        (counted.exclude(statement__period__cohort=F("application__cohort")), "statement"),
        (
            taken_back.exclude(clawback_statement__period__cohort=F("statement__period__cohort")),
            "clawback_statement",
        ),
    ):
        yield from sentences(
            rows, f"Declaration {{id}} is on statement {{{column}_id}} of another cohort."
        )


def _nothing_waits_that_has_a_place() -> Iterator[str]:
    """Find what waits for a statement that was open, its deadline not past (rules 10.4).

    Its deadline was not past when the declaration came; of one opened since, on its opening.
    """
    for state, column, cohort in WAITING:
        came = DeclarationEvent.objects.filter(declaration=OuterRef("pk"), to_state=state).order_by(
            "-id"
        )
        waiting = Declaration.objects.filter(state=state, **{f"{column}__isnull": True}).annotate(
            came_on=TruncDate(Subquery(came.values("at")[:1]), tzinfo=LONDON)
        )
        place = Statement.objects.annotate(opened_on=TruncDate("created_at", tzinfo=LONDON)).filter(
            lead_provider=OuterRef("lead_provider"),
            period__cohort=OuterRef(cohort),
            state=StatementState.OPEN,
            period__deadline_date__gte=Greatest(OuterRef("came_on"), F("opened_on")),
        )
        yield from sentences(
            waiting.filter(Exists(place)),
            "Declaration {id} is {state} and waits, although a statement is open for it.",
        )


CHECKS: tuple[Check, ...] = (
    _declarations_fit_their_statements,
    _statements_hold_what_their_provider_submitted,
    _statements_hold_their_cohort,
    _nothing_waits_that_has_a_place,
)
