"""Rows for the tests of outcomes and of the admin, made inline."""

from datetime import UTC, date, datetime

from declarations.models import (
    Declaration,
    DeclarationEvent,
    PaymentPeriod,
    Statement,
    StatementEvent,
)
from declarations.services.listing import listing_of
from npq_portal.history import Actor
from npq_portal.providers.models import ApiToken, LeadProvider
from participants.models import Application, ApplicationEvent, Participant, ParticipantListing
from schedules.models import Cohort, Course, CourseGroup, Milestone, Schedule

AT = datetime(2024, 6, 1, 12, tzinfo=UTC)
BY = Actor(command="test")


def completed(number=1, *, state="submitted", has_outcomes=True):
    provider = LeadProvider.objects.create(name=f"Provider {number}", created_at=AT)
    ApiToken.objects.create(
        lead_provider=provider, secret_hash=f"{number:064}", description="d", created_at=AT
    )
    cohort, _ = Cohort.objects.get_or_create(start_year=2000 + number)
    group = CourseGroup.objects.create(name=f"group {number}", has_outcomes=has_outcomes)
    course = Course.objects.create(
        identifier=f"course-{number}", name="A", short_name=f"C{number}", group=group
    )
    schedule = Schedule.objects.create(identifier=f"schedule-{number}", cohort=cohort, group=group)
    Milestone.objects.create(
        schedule=schedule, declaration_type="completed", start_date=date(2023, 1, 1)
    )
    participant = Participant.objects.create(
        full_name=f"Person {number}",
        email=f"p{number}@example.org",
        teacher_reference_number=f"{number:07}",
        created_at=AT,
        updated_at=AT,
    )
    ParticipantListing.objects.create(
        lead_provider=provider,
        participant=participant,
        participant_created_at=AT,
        updated_at=AT,
        is_current=True,
    )
    application = Application.objects.create(
        participant=participant,
        lead_provider=provider,
        course=course,
        cohort=cohort,
        status="accepted",
        accepted_at=AT,
        schedule=schedule,
        training_status="active",
        created_at=AT,
        updated_at=AT,
    )
    ApplicationEvent.objects.create(application=application, kind="accepted", at=AT, **BY.columns())
    period = PaymentPeriod.objects.create(
        cohort=cohort,
        name=f"Period {number}",
        deadline_date=date(2024, 1, 1),
        payment_date=date(2024, 2, 1),
    )
    statement = Statement.objects.create(
        lead_provider=provider, period=period, created_at=AT, updated_at=AT
    )
    StatementEvent.objects.create(statement=statement, to_state="open", at=AT, **BY.columns())
    declaration = Declaration.objects.create(
        application=application,
        lead_provider=provider,
        declaration_type="completed",
        declaration_date=datetime(2024, 5, 31, 23, 30, tzinfo=UTC),
        has_passed=True,
        state=state,
        statement=statement if state in {"eligible", "payable", "paid"} else None,
        created_at=AT,
        updated_at=AT,
    )
    listing_of(declaration).save()
    DeclarationEvent.objects.create(declaration=declaration, to_state=state, at=AT, **BY.columns())
    return declaration
