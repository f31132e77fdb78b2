from factory import declarations
from factory.django import DjangoModelFactory

from participants.choices import ApplicationStatus, TrainingStatus
from participants.models import Application, ApplicationEvent, Participant, ParticipantIdChange
from participants.services.records import list_participants
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


class ParticipantIdChangeFactory(DjangoModelFactory):
    """A record without applications that was merged into another, ``survivor``."""

    class Meta:
        model = ParticipantIdChange

    from_participant = declarations.SubFactory(ParticipantFactory)
    survivor = declarations.SubFactory(ParticipantFactory, has_former_ids=True)
    to_participant = declarations.SelfAttribute("survivor")
    at = LONG_AGO
    command = "test"


def listed_enrolment(**values) -> Application:
    """Make an enrolment as accepting leaves it: listed, with history."""
    application: Application = EnrolmentFactory.create(**values)
    list_participants([application], at=application.updated_at)
    application.events.create(
        kind=ApplicationEvent.Kind.ACCEPTED, at=application.updated_at, command="test"
    )
    return application
