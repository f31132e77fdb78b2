"""How every check reads rows and tells what it finds."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, Max, Min, Q, QuerySet
from django.db.models.functions import Cast

from participants.models import ApplicationEvent

Check = Callable[[], Iterator[str]]

PIECE = 2000
"""How many rows are in memory at a time."""

MOVES = (
    ApplicationEvent.Kind.SCHEDULE_CHANGED,
    ApplicationEvent.Kind.COURSE_CHANGED,
    ApplicationEvent.Kind.REVERTED,
)
"""After these, an application tells no longer by which schedule or course it was paid before."""


def sentences(rows: QuerySet[Any], sentence: str) -> Iterator[str]:
    """Yield ``sentence``, which names columns in braces, for each of ``rows``."""
    for row in rows.order_by().values().iterator(PIECE):
        yield sentence.format(**row)


def crowded(rows: QuerySet[Any], *place: str) -> Iterator[tuple[UUID, UUID, int]]:
    """Yield the first and the last id, and how many there are, of ``rows`` that share a place."""
    text_of_id = Cast("id", CharField())  # PostgreSQL has no smallest of UUIDs
    places = (
        rows.values(*place)
        .annotate(count=Count("id"), first=Min(text_of_id), last=Max(text_of_id))
        .filter(count__gt=1)
        .order_by()
    )
    for row in places.iterator(PIECE):
        yield UUID(row["first"]), UUID(row["last"]), row["count"]


def differs(column: str, other: str) -> Q:
    """Return the condition that two columns which may be null are not the same."""
    both_null = Q(**{f"{column}__isnull": True, f"{other}__isnull": True})
    return ~Q(**{column: F(other)}) & ~both_null
