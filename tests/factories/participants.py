from factory import declarations
from factory.django import DjangoModelFactory

from participants.choices import ApplicationStatus, TrainingStatus
from participants.models import Application, Participant
from tests.factories.providers import LONG_AGO, LeadProviderFactory
from tests.factories.schedules import CohortFactory, CourseFactory, autumn_schedule


class ParticipantFactory(DjangoModelFactory):
    class Meta:
        model = Participant

    full_name = "Ada Lovelace"
    email = declarations.Sequence(lambda n: f"ada{n}@example.com")
    created_at = LONG_AGO
    updated_at = LONG_AGO


class ApplicationFactory(DjangoModelFactory):
    class Meta:
        model = Application

    participant = declarations.SubFactory(ParticipantFactory)
    lead_provider = declarations.SubFactory(LeadProviderFactory)
    course = declarations.SubFactory(CourseFactory)
    cohort = declarations.SubFactory(CohortFactory)
    created_at = LONG_AGO
    updated_at = LONG_AGO


class EnrolmentFactory(ApplicationFactory):
    """An accepted application, funded and in training."""

    status = ApplicationStatus.ACCEPTED
    accepted_at = LONG_AGO
    schedule = declarations.LazyFunction(autumn_schedule)
    training_status = TrainingStatus.ACTIVE
    eligible_for_funding = True
