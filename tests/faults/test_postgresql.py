"""Faults as a real PostgreSQL makes them (rules 16)."""

import runpy
from unittest import mock

import pytest
from django.db import connection
from django.db.utils import ConnectionHandler

from declarations.models import Declaration, DeclarationEvent
from npq_portal import settings
from npq_portal.back_office.integrity import findings
from participants.models import Participant
from tests.faults.conftest import DEADLOCK, SERIALISATION, is_told_when_to_come_back

pytestmark = pytest.mark.django_db(transaction=True)

OUT_OF_DISK = "53100"
NAMES = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def trigger():
    """Return a function that runs PL/pgSQL for each new declaration, as its last step."""

    def create(body):
        run("CREATE SEQUENCE faults")
        run(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql"
            f" AS $$ BEGIN {body}; RETURN NULL; END $$"
        )
        run(
            "CREATE TRIGGER fail AFTER INSERT ON declarations_declarationevent"
            " FOR EACH ROW EXECUTE FUNCTION fail()"
        )

    yield create
    run("DROP TRIGGER IF EXISTS fail ON declarations_declarationevent")
    run("DROP FUNCTION IF EXISTS fail")
    run("DROP SEQUENCE IF EXISTS faults")


@pytest.fixture
def limit():
    """Return a function that sets a limit of this connection."""
    names = []

    def limit(name, value):
        names.append(name)
        run(f"SET {name} = '{value}'")

    yield limit
    for name in names:
        run(f"RESET {name}")


@pytest.fixture
def other_connection():
    """Somebody else's connection, which is in a transaction."""
    other = ConnectionHandler({"default": connection.settings_dict})["default"]
    other.set_autocommit(False)
    yield other
    other.rollback()
    other.close()


@pytest.fixture
def accepted(call, application):
    call("POST", f"/npq-applications/{application.pk}/accept")
    return application


def counts():
    return [it.objects.count() for it in (Declaration, DeclarationEvent)]


@pytest.mark.parametrize("sqlstate", [DEADLOCK, SERIALISATION])
def test_what_the_server_rolled_back_is_tried_again_and_done_once(
    accepted, declare, trigger, sqlstate
):
    trigger(f"IF nextval('faults') < 3 THEN RAISE SQLSTATE '{sqlstate}'; END IF")
    assert declare("completed", has_passed=True).status_code == 200
    assert counts() == [1, 1]
    assert list(findings()) == []


def test_a_server_out_of_disk_is_an_error_that_leaves_nothing(accepted, declare, trigger):
    trigger(f"RAISE SQLSTATE '{OUT_OF_DISK}'")
    assert is_told_when_to_come_back(declare("completed", has_passed=True))
    assert counts() == [0, 0]
    assert list(findings()) == []


def test_a_statement_that_takes_too_long_is_ended(accepted, declare, trigger, limit):
    trigger("PERFORM pg_sleep(60)")
    limit("statement_timeout", "500ms")
    assert is_told_when_to_come_back(declare("started"))
    assert counts() == [0, 0]


def test_nobody_waits_for_a_lock_for_ever(accepted, declare, limit, other_connection):
    limit("lock_timeout", "50ms")
    with other_connection.cursor() as cursor:
        table = Participant._meta.db_table
        cursor.execute(f"SELECT FROM {table} WHERE id = %s FOR UPDATE", [accepted.participant_id])
    assert is_told_when_to_come_back(declare("started"))
    other_connection.rollback()
    assert declare("started").status_code == 200


def test_a_connection_that_the_server_ended_is_replaced(call, other_connection):
    assert connection.connection is not None
    ended = connection.connection.info.backend_pid
    with other_connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 60000)", [ended])
    connection.close_if_unusable_or_obsolete()  # as before each request that is served
    assert call("GET", "/statements").status_code == 200


def limits_in(monkeypatch, **variables):
    """Return what a connection is limited to that is made in an environment with ``variables``."""
    monkeypatch.delenv("LIMIT_REQUESTS", raising=False)  # which the server's module sets for good
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with mock.patch("environ.Env.read_env"), mock.patch("structlog.configure"):
        databases = runpy.run_path(settings.__file__)["DATABASES"]
    databases["default"]["NAME"] = connection.settings_dict["NAME"]
    made = ConnectionHandler(databases)["default"]
    try:
        with made.cursor() as cursor:
            return [cursor.execute(f"SHOW {name}").fetchone()[0] for name in NAMES]
    finally:
        made.close()


@pytest.mark.parametrize(
    ("variables", "limits"),
    [
        ({}, ["0", "0", "0"]),
        ({"LIMIT_REQUESTS": "true"}, ["30s", "10s", "1min"]),
        (
            {
                "LIMIT_REQUESTS": "true",
                "DATABASE_STATEMENT_TIMEOUT": "5",
                "DATABASE_LOCK_TIMEOUT": "2",
                "DATABASE_IDLE_TIMEOUT": "7",
            },
            ["5s", "2s", "7s"],
        ),
        ({"LIMIT_REQUESTS": "true", "BEHIND_POOLER": "true"}, ["0", "0", "0"]),
    ],
    ids=["a command", "a server", "as it is told", "behind a pooler"],
)
def test_requests_are_limited_and_commands_are_not(monkeypatch, variables, limits):
    assert limits_in(monkeypatch, **variables) == limits
