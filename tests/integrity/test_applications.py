from participants.models import ApplicationEvent, ParticipantListing
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
