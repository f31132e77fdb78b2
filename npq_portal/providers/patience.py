"""Writing what a request can do without (rules 15.3)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import OperationalError, connection

Result = TypeVar("Result")


def unless_locked(write: Callable[[], Result], *, milliseconds: int) -> Result | None:
    """Return what ``write`` returns, or None where SQLite could not be written to for so long.

    There one long write keeps all others out, while reading goes on.
    """
    if connection.vendor != "sqlite":
        return write()
    with _patience(milliseconds):
        try:
            return write()
        except OperationalError:
            return None


@contextmanager
def _patience(milliseconds: int) -> Iterator[None]:
    with connection.cursor() as cursor:
        (usual,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
