"""How every check reads rows and tells what it finds."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import F, Q, QuerySet

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


def differs(column: str, other: str) -> Q:
    """Return the condition that two columns which may be null are not the same."""
    both_null = Q(**{f"{column}__isnull": True, f"{other}__isnull": True})
    return ~Q(**{column: F(other)}) & ~both_null
