import pytest

from outcomes.models import Notification, Outcome, OutcomeListing
from tests.integrity.conftest import LATER, change, declare, found, void


@pytest.fixture
def completed(enrolment):
    return declare(enrolment, "completed", has_passed=True)


def test_under_a_declaration_that_is_not_completed(completed):
    change(completed, declaration_type="started", has_passed=None)
    outcome = Outcome.objects.get()
    assert found() == [
        f"Outcome {outcome.pk} belongs to declaration {completed.pk}, not a completed one."
    ]


def forget(outcomes):
    OutcomeListing.objects.filter(outcome__in=outcomes).delete()
    outcomes.delete()


def test_missing_under_a_completed_declaration(completed):
    forget(Outcome.objects.all())
    assert found() == [f"Declaration {completed.pk} came with has_passed, but has no outcome."]


def test_alive_under_a_voided_declaration(completed):
    void(completed)
    Notification.objects.all().delete()
    forget(Outcome.objects.filter(state="voided"))
    assert found() == [f"Declaration {completed.pk} is voided, but its outcome is still passed."]


def test_a_retracted_pass_that_nobody_was_told_of(completed):
    void(completed)
    Notification.objects.all().delete()
    retraction = Outcome.objects.get(state="voided")
    assert found() == [f"Outcome {retraction.pk} retracted a pass, but nobody was notified."]


def test_missing_in_the_list_of_who_sees_its_declaration(completed):
    outcome = completed.outcomes.get()
    outcome.listings.all().delete()
    assert found() == [
        (
            f"Outcome {outcome.pk} is missing in the list of provider {completed.lead_provider_id},"
            " which sees its declaration."
        )
    ]


def test_in_the_list_of_who_does_not_see_its_declaration(completed, other_provider):
    outcome = completed.outcomes.get()
    outcome.listings.create(lead_provider=other_provider, created_at=outcome.created_at)
    assert found() == [
        (
            f"Outcome {outcome.pk} stands in the list of provider {other_provider.pk}, which does"
            " not see its declaration."
        )
    ]


def test_listed_at_another_time_than_it_was_recorded(completed):
    outcome = completed.outcomes.get()
    outcome.listings.update(created_at=LATER)
    assert found() == [
        (
            f"Outcome {outcome.pk} stands in the list of provider {completed.lead_provider_id} at"
            f" {LATER}, when it was not recorded."
        )
    ]
