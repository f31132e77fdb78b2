"""What the command that checks the data says, and leaves for the front page (rules 11.12)."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from npq_portal.back_office import integrity
from npq_portal.back_office.models import IntegrityCheck

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 7, 10, 12, tzinfo=UTC)


@pytest.fixture
def wrong(monkeypatch):
    """Return a function that sets what the checks find."""

    def found(*sentences):
        monkeypatch.setattr(integrity, "CHECKS", [lambda: iter(sentences)])

    return found


@pytest.fixture
def read_only():
    """A database that can be read, as a copy made for reports, and not be written."""
    turned_off = {"sqlite": "PRAGMA query_only = 1", "postgresql": "SET TRANSACTION READ ONLY"}
    with connection.cursor() as cursor:
        cursor.execute(turned_off[connection.vendor])
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = 0")


def check():
    """Run the command; return what it printed as data and what it said to people."""
    out, err = StringIO(), StringIO()
    try:
        call_command("check_integrity", stdout=out, stderr=err)
    except CommandError as error:
        err.write(f"{error} Exit code {error.returncode}.")
    return out.getvalue(), err.getvalue()


def test_findings_are_listed_and_kept(wrong):
    wrong("One thing.", "Another.")
    with time_machine.travel(NOW):
        assert check() == ("One thing.\nAnother.\n", "2 found wrong. Exit code 1.")
    kept = IntegrityCheck.objects.get()
    assert (kept.findings, kept.first_findings) == (2, ["One thing.", "Another."])
    assert NOW <= kept.started_at <= kept.ended_at < NOW + timedelta(minutes=1)


def test_that_nothing_is_wrong_is_kept_too():
    assert check() == ("", "Nothing is wrong.\n")
    assert IntegrityCheck.objects.get().findings == 0


def test_all_findings_are_counted_and_the_first_are_kept(wrong):
    wrong(*(f"Finding {number}." for number in range(250)))
    out, err = check()
    assert (len(out.splitlines()), err) == (250, "250 found wrong. Exit code 1.")
    kept = IntegrityCheck.objects.get()
    assert (kept.findings, len(kept.first_findings)) == (250, 100)


def test_a_database_that_cannot_be_written_is_checked_all_the_same(wrong, read_only):
    wrong("One thing.")
    out, err = check()
    assert out == "One thing.\n"
    assert "could not be kept" in err
    assert err.endswith("1 found wrong. Exit code 1.")
    assert not IntegrityCheck.objects.exists()
