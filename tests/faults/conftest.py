import json

import psycopg
import pytest
from django.db import Error, InternalError, OperationalError, connection

from tests.api.conftest import application as application
from tests.api.conftest import call as call
from tests.api.conftest import client as client
from tests.api.conftest import declare as declare
from tests.api.conftest import frozen as frozen
from tests.api.conftest import provider as provider

on_postgresql = connection.vendor == "postgresql"
collect_ignore = ["test_full_sqlite.py" if on_postgresql else "test_postgresql.py"]

DEADLOCK, SERIALISATION = "40P01", "40001"


def fault(sqlstate):
    """Return what Django raises when PostgreSQL answers with ``sqlstate``, None being no answer."""
    cause = psycopg.errors.lookup(sqlstate)() if sqlstate else psycopg.OperationalError()
    kind = InternalError if isinstance(cause, psycopg.InternalError) else OperationalError
    error: Error = kind("what only the log may say\nand this: somebody's row")
    error.__cause__ = cause
    return error


@pytest.fixture
def fail():
    """Return a function that lets the next statements with some text fail; it returns which did.

    ``times`` says how many do, from the one with the number ``first`` on.
    """

    def prepare(text, sqlstate, *, first=1, times=1_000):
        seen, failed = [], []

        def execute(execute, sql, *rest):
            if text in sql:
                seen.append(sql)
                if first <= len(seen) < first + times:
                    failed.append(sql)
                    raise fault(sqlstate)
            return execute(sql, *rest)

        connection.execute_wrappers[:] = [execute]
        return failed

    yield prepare
    connection.execute_wrappers.clear()


def is_told_when_to_come_back(answer):
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "only the log" not in answer.content.decode()
    return True


def error_of(answer):
    return json.loads(answer.content)["error"]
