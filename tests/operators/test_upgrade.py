"""What migrations make of records that were there before them."""

import pytest

FILLED = {
    "outcomes": "0002_notification_queue",
    "declarations": "0006_corrections",
    "participants": "0004_corrections",
}
"""Apps whose later migrations fill what they add, and where each stood before."""

CORRECT_WHAT_WAS_PAID = """
from django.contrib.auth.models import User
from django.utils import timezone

from declarations.models import Declaration
from npq_portal.errors import Refused
from npq_portal.history import Actor
from participants.services.corrections import change_course, revert_application

by, moved = Actor(staff_id=User.objects.earliest("id").pk), 0
paid = Declaration.objects.filter(paid_course__isnull=False)
for it in list(paid):
    why = {"application_id": it.application_id, "reason": "Test.", "by": by, "at": timezone.now()}
    for course in it.application.course.group.courses.all():
        try:
            change_course(course=course.identifier, **why)
            moved += 1
        except Refused:
            pass
    try:
        revert_application(**why)
    except Refused:
        pass
assert moved and paid.filter(application__schedule__isnull=True).exists()
"""
"""Sends what was paid to one other course after the other, and back to pending where it can go."""


@pytest.fixture
def done(empty_database, manage):
    """Return a function that runs a command on an empty database, and sees that it succeeds."""

    def run(*command):
        result = manage(empty_database, *command)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    return run


def test_what_migrations_fill_is_what_services_keep(done):
    done("migrate")
    done("load_reference_data")
    done("seed_demo")
    done("shell", "--command", CORRECT_WHAT_WAS_PAID)
    declarations = done("dumpdata", "declarations.declaration")
    for app, migration in FILLED.items():
        done("migrate", app, migration)
    done("migrate")
    assert done("dumpdata", "declarations.declaration") == declarations
    done("check_integrity")
