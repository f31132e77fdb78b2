"""Faults that are the database's, not ours (rules 16)."""

from django.db import Error, InterfaceError, InternalError, OperationalError, connection
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


def _sqlstate(error: Error) -> str | None:
    """Return the SQLSTATE that PostgreSQL gave; SQLite has none."""
    return getattr(error.__cause__, "sqlstate", None)
