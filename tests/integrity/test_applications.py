from participants.models import ApplicationEvent, ParticipantIdChange, ParticipantListing
from tests.factories.participants import ParticipantFactory
from tests.factories.providers import LONG_AGO
from tests.factories.schedules import CourseGroupFactory, ScheduleFactory
from tests.integrity.conftest import change, found


def test_accepted_without_a_history_of_it(enrolment):
    ApplicationEvent.objects.all().delete()
    assert found() == [f"Application {enrolment.pk} is accepted, but its history does not say so."]


def test_on_a_schedule_of_another_group(enrolment):
    other = ScheduleFactory.create(identifier="aso", group=CourseGroupFactory(name="ASO"))
    change(enrolment, schedule=other)
    assert found() == [
        f"Application {enrolment.pk} is on schedule {other.pk} of another cohort or course group."
    ]


def test_missing_in_the_list_of_its_provider(enrolment):
    ParticipantListing.objects.all().delete()
    assert found() == [
        f"Application {enrolment.pk} is accepted, but its provider's list lacks the person."
    ]


def test_left_with_a_record_that_was_merged_away(enrolment):
    merged(enrolment.participant, ParticipantFactory.create())
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
    assert found() == [f"The old id {first.pk} leads to {second.pk}, who was merged away."]


def merged(record, survivor):
    ParticipantIdChange.objects.create(
        from_participant=record,
        to_participant=survivor,
        survivor=survivor,
        at=LONG_AGO,
        command="test",
    )
