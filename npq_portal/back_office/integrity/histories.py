"""What declarations and statements are is what their histories end with (rules 1.4)."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q, Value, Window
from django.db.models.functions import Lag

from declarations.models import Declaration, DeclarationEvent, Statement, StatementEvent
from declarations.rules import TRANSITIONS
from npq_portal.back_office.integrity.reading import Check, differs, sentences


def _every_declaration_has_a_history() -> Iterator[str]:
    events = DeclarationEvent.objects.filter(declaration=OuterRef("pk"))
    yield from sentences(
        Declaration.objects.filter(~Exists(events)), "Declaration {id} has no history."
    )


def _declarations_are_what_their_history_ends_with() -> Iterator[str]:
    later = DeclarationEvent.objects.filter(
        declaration=OuterRef("declaration"), id__gt=OuterRef("id")
    )
    newest = DeclarationEvent.objects.filter(~Exists(later))
    yield from sentences(
        newest.exclude(to_state=F("declaration__state")).annotate(state=F("declaration__state")),
        "Declaration {declaration_id} is {state}, but its history ends with {to_state}.",
    )
    for column in ("statement", "clawback_statement"):
        of_row = f"declaration__{column}"
        yield from sentences(
            newest.filter(differs(column, of_row)).annotate(current=F(of_row)),
            f"Declaration {{declaration_id}} has {column} {{current}}, but its history ends with"
            f" {{{column}_id}}.",
        )


def _histories_of_declarations_are_unbroken() -> Iterator[str]:
    before = Window(Lag("to_state", default=Value("")), partition_by="declaration", order_by="id")
    yield from sentences(
        DeclarationEvent.objects.annotate(before=before).exclude(before=F("from_state")),
        "The history of declaration {declaration_id} is broken: it was {before!r}, then went from"
        " {from_state!r} to {to_state}.",
    )


def _declarations_took_allowed_steps() -> Iterator[str]:
    allowed = Q(from_state="", to_state__in=["submitted", "eligible", "ineligible"])
    # Taken on by a statement after waiting.
    allowed |= Q(from_state=F("to_state"), to_state__in=["eligible", "awaiting-clawback"])
    for before, afters in TRANSITIONS.items():
        allowed |= Q(from_state=before, to_state__in=afters)
    yield from sentences(
        DeclarationEvent.objects.exclude(allowed),
        "Declaration {declaration_id} went from {from_state!r} to {to_state}, against the rules.",
    )


def _every_statement_has_a_history() -> Iterator[str]:
    events = StatementEvent.objects.filter(statement=OuterRef("pk"))
    yield from sentences(
        Statement.objects.filter(~Exists(events)), "Statement {id} has no history."
    )


def _statements_are_what_their_history_ends_with() -> Iterator[str]:
    later = StatementEvent.objects.filter(statement=OuterRef("statement"), id__gt=OuterRef("id"))
    newest = StatementEvent.objects.filter(~Exists(later))
    yield from sentences(
        newest.exclude(to_state=F("statement__state")).annotate(state=F("statement__state")),
        "Statement {statement_id} is {state}, but its history ends with {to_state}.",
    )


def _statements_took_allowed_steps() -> Iterator[str]:
    before = Window(Lag("to_state", default=Value("")), partition_by="statement", order_by="id")
    steps = StatementEvent.objects.annotate(before=before)
    allowed = Q(from_state="", to_state="open")
    allowed |= Q(from_state="open", to_state="payable") | Q(from_state="payable", to_state="paid")
    yield from sentences(
        steps.exclude(allowed, before=F("from_state")),
        "Statement {statement_id} was {before!r}, then went from {from_state!r} to {to_state},"
        " against the rules.",
    )


CHECKS: tuple[Check, ...] = (
    _every_declaration_has_a_history,
    _declarations_are_what_their_history_ends_with,
    _histories_of_declarations_are_unbroken,
    _declarations_took_allowed_steps,
    _every_statement_has_a_history,
    _statements_are_what_their_history_ends_with,
    _statements_took_allowed_steps,
)
