"""What was paid had one price, and statements say neither more nor less (rules 10.8, 10.9).

No row says what a price was on the day of payment, and contracts and schedules change. But all
declarations of a statement were paid at one moment, so what is worth the same got the same.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from declarations.choices import StatementState
from declarations.figures import ZERO, figures_of
from declarations.models import Declaration, Statement
from npq_portal.back_office.integrity.reading import PIECE, Check

STATEMENTS_AT_ONCE = 100

Item = TypeVar("Item")


def _paid() -> QuerySet[Declaration]:
    """Return what was paid and tells for which course."""
    return Declaration.objects.filter(
        statement__state=StatementState.PAID, paid_course__isnull=False
    )


def _a_course_was_paid_at_a_price_or_without() -> Iterator[str]:
    rows = (
        _paid()
        .values("statement_id", course=F("paid_course__identifier"))
        .annotate(count=Count("id"), priced=Count("id", filter=Q(amount__isnull=False)))
        .filter(priced__gt=0, priced__lt=F("count"))
        .order_by()
    )
    for row in rows.iterator(PIECE):
        yield (
            "Statement {statement_id} paid an amount for {priced} of the {count} declarations for"
            " {course}, and none for the others."
        ).format(**row)


def _equals_were_paid_equally() -> Iterator[str]:
    """Compare within a statement, course, schedule and type, as they were then."""
    rows = (
        _paid()
        .values(
            "statement_id",
            "paid_schedule",
            "declaration_type",
            course=F("paid_course__identifier"),
        )
        .annotate(amounts=Count("amount", distinct=True))
        .filter(amounts__gt=1)
        .order_by()
    )
    for row in rows.iterator(PIECE):
        yield (
            "Statement {statement_id} paid {amounts} different amounts for {declaration_type}"
            " declarations for {course}."
        ).format(**row)


def _statements_say_what_is_on_them() -> Iterator[str]:
    statements = Statement.objects.order_by().values_list("id", "state").iterator(PIECE)
    for piece in _pieces(statements, STATEMENTS_AT_ONCE):
        states = dict(piece)
        declarations = _on("statement", states)
        clawbacks = _on("clawback_statement", states)
        for pk, figures in figures_of(states).items():
            said, paid, refunded = figures.sums, declarations[pk], clawbacks[pk]
            counts = (paid.total(), refunded.total())
            if (said.declarations, said.clawbacks) != counts:
                yield (
                    f"Statement {pk} says {said.declarations} declarations and {said.clawbacks}"
                    f" clawbacks, but has {counts[0]} and {counts[1]}."
                )
            total = _total(paid, refunded)
            if states[pk] == StatementState.PAID and any(counts) and said.total != total:
                yield f"Statement {pk} says a total of {said.total}, but paid {total}."


Amounts = Counter[Decimal | None]
"""How many times each amount was paid."""


def _on(column: str, statements: Collection[UUID]) -> dict[UUID, Amounts]:
    counted: dict[UUID, Amounts] = defaultdict(Counter)
    rows = Declaration.objects.filter(**{f"{column}__in": list(statements)})
    for statement, amount in rows.order_by().values_list(column, "amount").iterator(PIECE):
        counted[statement][amount] += 1
    return counted


def _total(paid: Amounts, refunded: Amounts) -> Decimal | None:
    total = ZERO
    for amounts, sign in ((paid, 1), (refunded, -1)):
        for amount, count in amounts.items():
            if amount is None:
                return None
            total += sign * count * amount
    return total


def _pieces(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    remaining = iter(items)
    while piece := list(islice(remaining, size)):
        yield piece


CHECKS: tuple[Check, ...] = (
    _a_course_was_paid_at_a_price_or_without,
    _equals_were_paid_equally,
    _statements_say_what_is_on_them,
)
