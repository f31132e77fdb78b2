"""What the database does: faults that are its own (rules 16), and reads as of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import (
    Error,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
    transaction,
)
from django.db.migrations.executor import MigrationExecutor

ROLLED_BACK = {"40001", "40P01"}
"""SQLSTATEs of serialisation failure and deadlock, by which the whole transaction was undone."""

OUT_OF_PLACE = {"25006", "25P03"}
"""SQLSTATEs of a server that only reads, as after a failover, and of one that ended a session."""


def is_fault(error: BaseException | None) -> bool:
    """Return whether the database is away, overtaxed, full or busy, so that another try may help.

    Whatever was not committed is undone by then (rules 16.1).
    """
    if isinstance(error, InternalError):
        return _sqlstate(error) in OUT_OF_PLACE
    return isinstance(error, OperationalError | InterfaceError)


def is_rolled_back(error: BaseException | None) -> bool:
    """Return whether the transaction of ``error`` is known to be undone as a whole (rules 16.3).

    A connection that was lost says nothing of the kind: a commit may have gone through.
    """
    return isinstance(error, Error) and _sqlstate(error) in ROLLED_BACK


def reason_of(error: BaseException) -> str:
    """Return what the database said of its fault, for logs and operators.

    One line: what PostgreSQL adds to it can quote a row.
    """
    return next(iter(str(error).splitlines()), type(error).__name__)


def is_up_to_date() -> bool:
    """Return whether no migration is missing, as in what an older release wrote."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


@contextmanager
def one_moment() -> Iterator[None]:
    """Read everything as it is at the first read, whoever writes meanwhile; nobody has to wait.

    On PostgreSQL nothing can be written then. Within a transaction of somebody else's it is read as
    that reads.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with _waiting_for_nobody(), transaction.atomic():
            yield
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


@contextmanager
def _waiting_for_nobody() -> Iterator[None]:
    """Begin transactions of SQLite as those of readers, while otherwise each locks out writers."""
    connection.ensure_connection()
    wrapper: Any = connection
    usual, wrapper.transaction_mode = wrapper.transaction_mode, "DEFERRED"
    try:
        yield
    finally:
        wrapper.transaction_mode = usual


def _sqlstate(error: Error) -> str | None:
    """Return the SQLSTATE that PostgreSQL gave; SQLite has none."""
    return getattr(error.__cause__, "sqlstate", None)
