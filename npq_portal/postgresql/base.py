"""Django's PostgreSQL backend, with what makes a request cheap (ADR 17)."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper
from psycopg.pq import Format


class DatabaseOperations(operations.DatabaseOperations):
    """Tells also what a prepared cursor ran, for whoever logs queries."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        if isinstance(cursor, psycopg.ClientCursor):
            return super().last_executed_query(cursor, sql, params)
        return str(self.compose_sql(sql, params))


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that knows whether it lives, and that can run statements it has prepared."""

    ops_class = DatabaseOperations

    def is_usable(self) -> bool:
        """Return whether the server has kept the connection.

        One that it ended has something to read, a farewell or the end of the stream, so nothing
        need be asked of the server. Behind a pooler that tells nothing of the server.
        """
        if settings.BEHIND_POOLER:
            return bool(super().is_usable())
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0)

    def prepared_cursor(self) -> CursorWrapper:
        """Return a cursor that prepares what it runs and takes rows in binary.

        Values of the driver's own types come back: UUID, aware datetime, int, str, bool, list.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor: psycopg.Cursor[tuple[Any, ...]] = psycopg.Cursor(self.connection)
            cursor.format = Format.BINARY
        wrapped: CursorWrapper = self._prepare_cursor(cursor)  # type: ignore[attr-defined]
        return wrapped

    @contextmanager
    def pipeline(self) -> Iterator[None]:
        """Send what is executed within without waiting for rows, which are there afterwards."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors, self.connection.pipeline():
            yield
