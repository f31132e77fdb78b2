"""The chart of declarations by state and month on the front page (rules 13.8).

Every state has a row of bars of its own, under its name and on one scale, so that no colour has to
be told from another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, QuerySet, Value

from declarations.choices import DeclarationState
from declarations.models import Declaration
from npq_portal.clock import london_day, start_of_day

MONTHS = 12
"""How many months are shown, the current one included."""

STEP, WIDTH, HEIGHT = 10, 8, 40
"""From bar to bar, the width of a bar, and the height of the highest, in units of the drawing."""

LOWEST = 1.5
"""The height of the lowest bar: one declaration is seen beside a hundred thousand."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the drawing; what is counted in it has no height where nothing is."""

    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class StateByMonth:
    """The declarations that are in one state now, by the month they were recorded in."""

    state: DeclarationState
    counts: list[int]
    highest: int

    @property
    def total(self) -> int:
        """How many there are in all months."""
        return sum(self.counts)

    @property
    def bars(self) -> Iterator[Bar]:
        """The bar of each month that has any."""
        for number, count in enumerate(self.counts):
            if count:
                height = max(round(HEIGHT * count / self.highest, 1), LOWEST)
                yield Bar(x=number * STEP, y=HEIGHT - height, height=height)


@dataclass(frozen=True, slots=True)
class Chart:
    """Declarations by state and month; ``months`` are their first days."""

    months: list[date]
    states: list[StateByMonth]

    @property
    def total(self) -> int:
        """How many declarations are shown."""
        return sum(row.total for row in self.states)

    @property
    def table(self) -> list[tuple[date, list[int], int]]:
        """The same figures: for each month the count of each state and of all."""
        by_month = zip(*(row.counts for row in self.states), strict=True)
        return [
            (month, list(counts), sum(counts))
            for month, counts in zip(self.months, by_month, strict=True)
        ]


def declarations_by_month(at: datetime) -> Chart:
    """Return what was recorded in the London month of ``at`` (UTC) and in those before it.

    One query over an index that has all it asks for.
    """
    months = _months(london_day(at))
    counts = _counts(months)
    highest = max(counts.values(), default=1)
    return Chart(
        months=months,
        states=[
            StateByMonth(
                state=state,
                counts=[counts.get((state, number), 0) for number in range(MONTHS)],
                highest=highest,
            )
            for state in DeclarationState
        ],
    )


def _counts(months: list[date]) -> dict[tuple[str, int], int]:
    """Return the number of declarations by state and number of the month."""
    begins = [start_of_day(month) for month in months]
    ends = [*begins[1:], None]
    # A range of the index for each month, which the database can count side by side: grouping by
    # a month worked out for each row takes it four times as long.
    first, *others = (
        _by_state(begin, end).annotate(month=Value(number))
        for number, (begin, end) in enumerate(zip(begins, ends, strict=True))
    )
    rows = first.union(*others, all=True)
    return {(row["state"], row["month"]): row["count"] for row in rows}


def _by_state(begin: datetime, end: datetime | None) -> QuerySet[Declaration, Any]:
    recorded = Declaration.objects.filter(created_at__gte=begin)
    if end is not None:
        recorded = recorded.filter(created_at__lt=end)
    return recorded.order_by().values("state").annotate(count=Count("*"))


def _months(today: date) -> list[date]:
    """Return the first days of the months shown, the earliest first."""
    last = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - MONTHS + 1, last + 1)]
