import pytest

from outcomes.models import Notification, Outcome
from tests.integrity.conftest import change, declare, found, void


@pytest.fixture
def completed(enrolment):
    return declare(enrolment, "completed", has_passed=True)


def test_under_a_declaration_that_is_not_completed(completed):
    change(completed, declaration_type="started", has_passed=None)
    outcome = Outcome.objects.get()
    assert found() == [
        f"Outcome {outcome.pk} belongs to declaration {completed.pk}, not a completed one."
    ]


def test_missing_under_a_completed_declaration(completed):
    Outcome.objects.all().delete()
    assert found() == [f"Declaration {completed.pk} came with has_passed, but has no outcome."]


def test_alive_under_a_voided_declaration(completed):
    void(completed)
    Notification.objects.all().delete()
    Outcome.objects.filter(state="voided").delete()
    assert found() == [f"Declaration {completed.pk} is voided, but its outcome is still passed."]


def test_a_retracted_pass_that_nobody_was_told_of(completed):
    void(completed)
    Notification.objects.all().delete()
    retraction = Outcome.objects.get(state="voided")
    assert found() == [f"Outcome {retraction.pk} retracted a pass, but nobody was notified."]
