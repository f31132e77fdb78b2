import pytest

from participants.models import (
    ApplicationEvent,
    Participant,
    ParticipantIdChange,
    ParticipantListing,
)
from tests.factories.participants import ParticipantFactory
from tests.factories.providers import LONG_AGO, LeadProviderFactory
from tests.factories.schedules import CourseGroupFactory, ScheduleFactory
from tests.integrity.conftest import LATER, change, found, validate_one_trn_for_all

DEFERRED = {"training_status": "deferred", "deferred_at": LATER, "deferral_reason": "other"}
PENDING = {"status": "pending", "accepted_at": None, "schedule": None, "training_status": None}


def test_accepted_without_a_history_of_it(enrolment):
    ApplicationEvent.objects.all().delete()
    assert found() == [f"Application {enrolment.pk} is accepted, but its history does not say so."]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (DEFERRED, "training_status deferred, but its history ends with active"),
        (PENDING, "status pending, but its history ends with accepted"),
        ({"accepted_at": LATER}, f"accepted_at {LATER.isoformat()}, but its history ends with"),
    ],
)
def test_otherwise_than_its_history_ends_with(enrolment, changes, told):
    change(enrolment, **changes)
    assert any(it.startswith(f"Application {enrolment.pk} has {told}") for it in found())


def test_on_a_schedule_of_another_group(enrolment):
    other = ScheduleFactory.create(identifier="aso", group=CourseGroupFactory(name="ASO"))
    change(enrolment, schedule=other)
    assert found() == [
        f"Application {enrolment.pk} is on schedule {other.pk} of another cohort or course group."
    ]


def test_held_twice_under_two_records_of_a_person(enrol):
    first, second = sorted(enrol(participant=ParticipantFactory()).pk for _ in range(2))
    validate_one_trn_for_all()
    assert found() == [
        f"Applications {first} and {second}, 2 in all, hold one course for one person; one may."
    ]


def test_missing_in_the_list_of_its_provider(enrolment):
    ParticipantListing.objects.all().delete()
    assert found() == [
        f"Application {enrolment.pk} is accepted, but its provider's list lacks the person."
    ]


def test_taken_off_the_list_of_its_provider(enrolment):
    ParticipantListing.objects.update(is_current=False)
    assert found() == [
        f"Application {enrolment.pk} is accepted, but its provider's list lacks the person."
    ]


def test_in_a_list_without_an_accepted_application(enrolment):
    elsewhere = LeadProviderFactory.create()
    listing = ParticipantListing.objects.get()
    listing.pk, listing.lead_provider = None, elsewhere
    listing.save(force_insert=True)
    assert found() == [
        (
            f"Participant {enrolment.participant_id} is in the list of {elsewhere.pk}, which has no"
            " accepted application of theirs."
        )
    ]


def test_left_with_a_record_that_was_merged_away(enrolment):
    merged(enrolment.participant, ParticipantFactory.create())
    mark_those_who_have_former_ids()
    assert found() == [
        (
            f"Application {enrolment.pk} belongs to participant {enrolment.participant_id}, who was"
            " merged away."
        )
    ]


def test_an_old_id_that_leads_to_another_old_one(db):
    first, second, third = ParticipantFactory.create_batch(3)
    merged(first, second)
    merged(second, third)
    mark_those_who_have_former_ids()
    assert found() == [f"The old id {first.pk} leads to {second.pk}, who was merged away."]


def test_former_ids_that_are_not_shown(db):
    first, second = ParticipantFactory.create_batch(2)
    merged(first, second)
    assert found() == [
        f"Participant {second.pk} is not shown with the ids of records merged into it."
    ]


def test_former_ids_that_nobody_had(db):
    participant = ParticipantFactory.create(has_former_ids=True)
    assert found() == [f"Participant {participant.pk} is said to have former ids, but has none."]


def mark_those_who_have_former_ids():
    survivors = ParticipantIdChange.objects.values("survivor")
    Participant.objects.filter(pk__in=survivors).update(has_former_ids=True)


def merged(record, survivor):
    ParticipantIdChange.objects.create(
        from_participant=record,
        to_participant=survivor,
        survivor=survivor,
        at=LONG_AGO,
        command="test",
    )
