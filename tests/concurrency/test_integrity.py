"""Integrity checks while others write: they see one moment (rules 11.12)."""

from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import Error, connection, transaction

from npq_portal.back_office.integrity import findings
from npq_portal.back_office.models import IntegrityCheck
from participants.models import Participant, ParticipantWord


def elsewhere(function):
    """Run this in a thread of its own, with a connection of its own, to its end."""

    def run():
        try:
            function()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(run).result()


@pytest.fixture
def before():
    """Return a function that runs something in another thread before each query of some text."""
    runs = []

    def prepare(text, function):
        def execute(execute, sql, *rest):
            if text in sql:
                elsewhere(function)
                runs.append(sql)
            return execute(sql, *rest)

        connection.execute_wrappers[:] = [execute]
        return runs

    yield prepare
    connection.execute_wrappers.clear()


def test_what_is_written_meanwhile_is_no_fault(enrolment, before):
    names = iter(["Siân Ó Dálaigh", "Ada Lovelace", "Grace Hopper"])

    def rename():
        person = Participant.objects.get()
        person.full_name = next(names)
        with transaction.atomic():
            person.save()

    runs = before("participants_participantword", rename)
    said = StringIO()
    call_command("check_integrity", stdout=said, stderr=StringIO())
    assert (said.getvalue(), len(runs)) == ("", 1)
    assert IntegrityCheck.objects.get().findings == 0
    connection.execute_wrappers.clear()
    assert ParticipantWord.objects.filter(word="sian").exists()
    assert list(findings()) == []


if connection.vendor == "postgresql":  # SQLite has no transactions that only read

    def test_nothing_is_written_by_a_check(enrolment, monkeypatch):
        def write():
            Participant.objects.update(full_name="Somebody Else")
            yield "written"

        monkeypatch.setattr("npq_portal.back_office.integrity.CHECKS", [write])
        with pytest.raises(Error, match="read-only"):
            list(findings())
        assert not Participant.objects.filter(full_name="Somebody Else").exists()


def test_afterwards_everything_can_be_written_again_also_if_nobody_reads_to_the_end(enrolment):
    Participant.objects.update(full_name="Somebody Else")
    found: Any = findings()
    assert "other words" in next(found)
    found.close()
    assert not connection.in_atomic_block
    for person in Participant.objects.all():
        person.save()
    assert list(findings()) == []
