"""What statements say: how many declarations and refunds, and how much money (rules 10.9)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.db.models import Count
from django.db.models.functions import Coalesce

from declarations.choices import StatementState
from declarations.models import ContractPrice, Declaration, Statement
from declarations.rules import share_of_price
from schedules.choices import DeclarationType
from schedules.models import Course, Milestone

ZERO = Decimal("0.00")

COURSE = Coalesce("paid_course", "application__course")
"""The course that a declaration was paid for; until then, the one it would be paid for."""

SCHEDULE = Coalesce("paid_schedule", "application__schedule")
"""The schedule in the same way."""


class ContractPrices:
    """What declarations are worth by the contracts that are in force now (rules 10.8)."""

    def __init__(self, prices: Iterable[ContractPrice]) -> None:
        self._prices = {
            (it.lead_provider_id, it.cohort_id, it.course_id): it.price_per_participant
            for it in prices
        }
        self._types: dict[int, set[str]] = defaultdict(set)
        milestones = Milestone.objects.filter(schedule__cohort__in={it[1] for it in self._prices})
        for schedule_id, kind in milestones.values_list("schedule_id", "declaration_type"):
            self._types[schedule_id].add(kind)

    @classmethod
    def of(cls, statements: Collection[Statement]) -> Self:
        """Return the prices that concern ``statements``."""
        return cls(
            ContractPrice.objects.filter(
                lead_provider__in={it.lead_provider_id for it in statements},
                cohort__in={it.period.cohort_id for it in statements},
            )
        )

    def cover(self, statement: Statement) -> bool:
        """Return whether the statement's provider has any price in its cohort."""
        provider_and_cohort = (statement.lead_provider_id, statement.period.cohort_id)
        return any(key[:2] == provider_and_cohort for key in self._prices)

    def amount(
        self, statement: Statement, course_id: int, schedule_id: int, kind: str
    ) -> Decimal | None:
        """Return what a declaration on ``statement`` is worth, None without a price."""
        price = self._prices.get(
            (statement.lead_provider_id, statement.period.cohort_id, course_id)
        )
        return None if price is None else share_of_price(price, self._types[schedule_id], kind)


@dataclass(slots=True)
class Line:
    """Declarations and refunds of one course and type; None is an amount that no contract gives."""

    course: Course
    declaration_type: DeclarationType
    declarations: int = 0
    amount: Decimal | None = ZERO
    refunds: int = 0
    refunded: Decimal | None = ZERO

    @property
    def net(self) -> Decimal | None:
        """What the provider gets for this line; negative when more is taken back."""
        if self.amount is None or self.refunded is None:
            return None
        return self.amount - self.refunded

    def add(self, count: int, each: Decimal | None) -> None:
        """Add ``count`` declarations worth ``each``."""
        self.declarations += count
        self.amount = _added(self.amount, count, each)

    def add_refunds(self, count: int, each: Decimal | None) -> None:
        """Add ``count`` refunds of ``each``."""
        self.refunds += count
        self.refunded = _added(self.refunded, count, each)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a statement comes to: declarations paid, payments taken back, and the money.

    ``total`` is in pounds, negative when more is taken back, and None where a price is missing.
    """

    declarations: int
    clawbacks: int
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What one statement says, line by line and in sum."""

    lines: tuple[Line, ...]
    sums: Sums


def figures_of(
    statement_ids: Collection[UUID], prices: ContractPrices | None = None
) -> dict[UUID, Figures]:
    """Return the figures of statements in a fixed number of queries (rules 10.9).

    A paid statement says what was paid, whatever contracts say now; an unpaid one what ``prices``
    say, which are read unless they have been. Sums are made of counts and
    exact amounts, never by a database that would add them as floating-point numbers.
    """
    statements = Statement.objects.select_related("period").in_bulk(statement_ids)
    prices = prices or ContractPrices.of(statements.values())
    lines: dict[UUID, dict[tuple[int, str], Line]] = {it: {} for it in statements}
    courses = Course.objects.in_bulk()
    for row in _counted("statement_id", statements):
        _line(lines, "statement_id", row, courses).add(
            row["count"], amount_of(row, statements[row["statement_id"]], prices)
        )
    for row in _counted("clawback_statement_id", statements):
        _line(lines, "clawback_statement_id", row, courses).add_refunds(row["count"], row["amount"])
    return {
        pk: _figures(lines[pk].values(), covered=prices.cover(it)) for pk, it in statements.items()
    }


def amount_of(
    row: Mapping[str, Any], statement: Statement, prices: ContractPrices
) -> Decimal | None:
    """Return what a declaration counts for on ``statement``, None without a price (rules 10.9).

    ``row`` has its ``amount``, its ``declaration_type`` and ids of its ``course`` and ``schedule``.
    """
    if statement.state == StatementState.PAID:
        paid: Decimal | None = row["amount"]
        return paid
    return prices.amount(statement, row["course"], row["schedule"], row["declaration_type"])


class Worth(NamedTuple):
    """What each declaration of one course, schedule and type is worth, None without a price."""

    course_id: int
    schedule_id: int
    declaration_type: str
    amount: Decimal | None


def worths_of(statement: Statement, prices: ContractPrices) -> Iterator[Worth]:
    """Yield what the declarations on an unpaid ``statement`` are worth by ``prices`` (10.8)."""
    for row in _counted("statement_id", [statement.pk]):
        group = (row["course"], row["schedule"], row["declaration_type"])
        yield Worth(*group, prices.amount(statement, *group))


def _counted(column: str, statement_ids: Collection[UUID]) -> Iterable[dict[str, Any]]:
    rows = Declaration.objects.filter(**{f"{column}__in": list(statement_ids)}).order_by()
    groups = rows.values(column, "declaration_type", "amount", course=COURSE, schedule=SCHEDULE)
    return groups.annotate(count=Count("id"))


def _line(
    lines: dict[UUID, dict[tuple[int, str], Line]],
    column: str,
    row: dict[str, Any],
    courses: Mapping[int, Course],
) -> Line:
    course_id, kind = row["course"], row["declaration_type"]
    new = Line(courses[course_id], DeclarationType(kind))
    return lines[row[column]].setdefault((course_id, kind), new)


def _figures(lines: Iterable[Line], *, covered: bool) -> Figures:
    order = list(DeclarationType)
    in_order = sorted(
        lines, key=lambda it: (it.course.identifier, order.index(it.declaration_type))
    )
    sums = Sums(
        declarations=sum(it.declarations for it in in_order),
        clawbacks=sum(it.refunds for it in in_order),
        total=_total([it.net for it in in_order], covered=covered),
    )
    return Figures(tuple(in_order), sums)


def _total(amounts: Collection[Decimal | None], *, covered: bool) -> Decimal | None:
    known = [it for it in amounts if it is not None]
    if len(known) < len(amounts) or not (amounts or covered):
        return None
    return sum(known, ZERO)


def _added(sum_so_far: Decimal | None, count: int, each: Decimal | None) -> Decimal | None:
    return None if sum_so_far is None or each is None else sum_so_far + count * each
