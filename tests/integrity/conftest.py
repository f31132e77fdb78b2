"""A small sound record, made by the services, for tests to break."""

from datetime import UTC, date, datetime

import pytest

from declarations.services import (
    Submission,
    make_payable,
    mark_paid,
    open_statement,
    record_declaration,
    void_declaration,
)
from npq_portal.back_office.integrity import findings
from npq_portal.errors import Refusals
from npq_portal.history import Actor
from participants.models import Participant
from participants.services import accept_application, withdraw_participant
from participants.services.records import as_history_has_it
from tests.factories.participants import ApplicationFactory
from tests.factories.providers import LONG_AGO, LeadProviderFactory
from tests.factories.schedules import autumn_schedule

BY = Actor(command="test")
DECLARED = datetime(2021, 12, 10, 12, tzinfo=UTC)
PAID = datetime(2022, 1, 25, 12, tzinfo=UTC)
LATER = datetime(2022, 2, 1, 12, tzinfo=UTC)


def found():
    return list(findings())


def change(record, **values):
    """Change a row as no service would."""
    type(record).objects.filter(pk=record.pk).update(**values)


def change_and_tell(application, **values):
    """Change an application, and the newest row of its history to tell so."""
    change(application, **values)
    newest = application.events.latest("id")
    told = {name: as_history_has_it(value) for name, value in values.items()}
    change(newest, after={**newest.after, **told})


def change_with_history(declaration, **values):
    """Change a declaration, and the newest row of its history to tell so."""
    change(declaration, **values)
    change(declaration.events.latest("id"), **values)


@pytest.fixture
def enrol(db):
    def enrolled(**values):
        autumn_schedule()
        application = ApplicationFactory.create(**{"eligible_for_funding": True, **values})
        return accept_application(
            lead_provider=application.lead_provider,
            application_id=application.pk,
            by=BY,
            at=LONG_AGO,
        )

    return enrolled


@pytest.fixture
def enrolment(enrol):
    return enrol()


@pytest.fixture
def other_provider(db):
    return LeadProviderFactory()


def opened(
    provider, period="January 2022", deadline=date(2021, 12, 25), *, cohort=2021, at=LONG_AGO
):
    (statement,) = open_statement(
        cohort=cohort,
        period=period,
        deadline=deadline,
        payment=date(2022, 12, 25),
        lead_provider=provider,
        by=BY,
        at=at,
    )
    return statement


def opened_next(provider, **changes):
    return opened(provider, "March 2022", date(2022, 2, 25), **changes)


def opened_last(provider, **changes):
    return opened(provider, "July 2022", date(2022, 6, 25), **changes)


def declare(enrolment, declaration_type="started", *, at=DECLARED, has_passed=None):
    return record_declaration(
        lead_provider=enrolment.lead_provider,
        submission=Submission(
            participant_id=enrolment.participant_id,
            declaration_type=declaration_type,
            declaration_date=datetime(2021, 12, 1, 10, tzinfo=UTC),
            course_identifier=enrolment.course.identifier,
            has_passed=has_passed,
        ),
        refusals=Refusals(),
        by=BY,
        at=at,
    )


def void(declaration, *, at=LATER):
    return void_declaration(
        lead_provider=declaration.lead_provider, declaration_id=declaration.pk, by=BY, at=at
    )


def withdraw(enrolment, *, at):
    return withdraw_participant(
        lead_provider=enrolment.lead_provider,
        participant_id=enrolment.participant_id,
        course_identifier=enrolment.course.identifier,
        reason="other",
        refusals=Refusals(),
        by=BY,
        at=at,
    )


def validate_one_trn_for_all():
    """Make all records one person's."""
    for participant in Participant.objects.all():
        participant.teacher_reference_number = "1234567"
        participant.teacher_reference_number_validated = True
        participant.save()


def rescheduled(enrolment):
    """Tell in the history that the schedule was another before."""
    enrolment.events.create(kind="schedule-changed", at=LATER, command="test")


@pytest.fixture
def eligible(enrolment):
    opened(enrolment.lead_provider)
    return declare(enrolment)


def pay(declaration, *, at=PAID):
    """Take the declaration's statement to payment."""
    make_payable(as_of=date(2021, 12, 26), by=BY, at=PAID)
    mark_paid(statement_id=declaration.statement_id, by=BY, at=at)
    declaration.refresh_from_db()
    return declaration


@pytest.fixture
def paid(eligible):
    return pay(eligible)
