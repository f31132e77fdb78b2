"""A full disk under SQLite is an error, and what was being written is not there (rules 16.4)."""

import pytest
from django.db import connection

from declarations.models import Declaration, DeclarationEvent
from npq_portal.back_office.integrity import findings
from tests.faults.conftest import is_told_when_to_come_back

ENOUGH = 500


@pytest.fixture
def full_disk():
    """Return a function that leaves the database no more room than it has."""

    def pragma(sql):
        with connection.cursor() as cursor:
            return cursor.execute(sql).fetchone()[0]

    def fill():
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")  # or there would be room where earlier tests have had rows
        pragma(f"PRAGMA max_page_count = {pragma('PRAGMA page_count')}")

    yield fill
    pragma(f"PRAGMA max_page_count = {2**32 - 2}")


@pytest.mark.django_db(transaction=True)
def test_what_finds_no_room_is_told_so_and_leaves_nothing(call, application, declare, full_disk):
    call("POST", f"/npq-applications/{application.pk}/accept")
    full_disk()
    made = 0
    for _ in range(ENOUGH):
        answer = declare("completed", has_passed=True)
        if answer.status_code != 200:
            break
        made += 1
        answer = call("PUT", f"/participant-declarations/{answer.json()['data']['id']}/void")
        if answer.status_code != 200:
            break
    assert is_told_when_to_come_back(answer)
    assert Declaration.objects.count() == made
    assert DeclarationEvent.objects.filter(from_state="").count() == made
    assert list(findings()) == []
