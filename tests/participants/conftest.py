from datetime import UTC, date, datetime

import pytest

from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from participants.models import Application, Participant
from schedules.models import Cohort, Course, CourseGroup, Milestone, Schedule

BEFORE = datetime(2021, 10, 1, 9, tzinfo=UTC)


@pytest.fixture
def operator():
    return Actor(command="test")


@pytest.fixture
def provider(db):
    return LeadProvider.objects.create(name="North Teaching School", created_at=BEFORE)


@pytest.fixture
def other_provider(db):
    return LeadProvider.objects.create(name="South Teaching School", created_at=BEFORE)


@pytest.fixture
def course(db):
    cohort = Cohort.objects.create(start_year=2021)
    group = CourseGroup.objects.create(name="leadership", has_outcomes=True)
    for name, first, last, starts in (
        ("autumn", None, date(2021, 12, 25), date(2021, 11, 1)),
        ("spring", date(2021, 12, 26), None, date(2022, 1, 1)),
    ):
        schedule = Schedule.objects.create(
            identifier=f"npq-leadership-{name}",
            cohort=cohort,
            group=group,
            accepted_from=first,
            accepted_until=last,
        )
        Milestone.objects.create(schedule=schedule, declaration_type="started", start_date=starts)
    return Course.objects.create(
        identifier="npq-headship", name="Headship", short_name="NPQH", group=group
    )


@pytest.fixture
def apply(course, provider):
    """Return a function that makes a pending application, by a new person unless one is named."""

    def make(participant=None, lead_provider=provider, trn=None):
        return Application.objects.create(
            participant=participant
            or Participant.objects.create(
                full_name="Zoë O'Connor",
                email="Zoe@Example.org",
                teacher_reference_number=trn,
                teacher_reference_number_validated=trn is not None,
                created_at=BEFORE,
                updated_at=BEFORE,
            ),
            lead_provider=lead_provider,
            course=course,
            cohort=Cohort.objects.get(),
            created_at=BEFORE,
            updated_at=BEFORE,
        )

    return make
