"""People whom a member of staff corrects, and the providers who look on through the API."""

import json
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from declarations.services import Submission, open_statement, record_declaration, void_declaration
from npq_portal.back_office.integrity import findings
from npq_portal.errors import Refusals, Refused
from npq_portal.history import Actor
from npq_portal.providers.services import create_api_token
from participants.models import Application
from tests.factories.participants import ParticipantFactory, listed_enrolment
from tests.factories.providers import LeadProviderFactory
from tests.factories.schedules import (
    CourseFactory,
    CourseGroupFactory,
    MilestoneFactory,
    ScheduleFactory,
)

BY = Actor(command="test")
DECLARED = datetime(2021, 12, 2, 12, tzinfo=UTC)
DATED = datetime(2021, 12, 1, 10, tzinfo=UTC)
NOW = datetime(2021, 12, 10, 12, 0, 0, 700_000, tzinfo=UTC)
WHY = "The provider rang, ticket 77."
TRN = {"teacher_reference_number": "1234567", "teacher_reference_number_validated": True}


def newest(application):
    """Return the newest event of an application, which is a correction by staff."""
    event = application.events.order_by("id").last()
    assert (event.reason, event.at, event.staff.username) == (WHY, NOW, "casey")
    return event


@pytest.fixture
def member_of_staff(django_user_model, db):
    return django_user_model.objects.create_user(username="casey", is_staff=True)


@pytest.fixture
def correct(member_of_staff):
    """Return a function that calls a correction as a member of staff, by default just now."""

    def call(correction, *, reason=WHY, at=NOW, **arguments):
        by = Actor(staff_id=member_of_staff.pk)
        return correction(reason=reason, by=by, at=at, **arguments)

    return call


@pytest.fixture
def refused(correct):
    """Return a function that has a correction refused, and returns its codes by attribute."""

    def call(correction, **arguments):
        before = [(it.pk, it.updated_at) for it in Application.objects.all()]
        with pytest.raises(Refused) as raised:
            correct(correction, **arguments)
        assert [(it.pk, it.updated_at) for it in Application.objects.all()] == before
        return {it.attribute: it.code.value for it in raised.value.refusals}

    return call


@pytest.fixture
def sentence(correct):
    """Return a function that has a correction refused, and returns what it says, in one text."""

    def call(correction, **arguments):
        with pytest.raises(Refused) as raised:
            correct(correction, **arguments)
        return str(raised.value)

    return call


@pytest.fixture
def enrol(db):
    """Return a function that makes an enrolment as accepting leaves it: listed, with history."""
    return listed_enrolment


@pytest.fixture
def enrolment(enrol):
    return enrol()


@pytest.fixture
def same_person(enrol):
    """Return a function that gives the person of an enrolment another record with the same TRN."""

    def make(enrolment, **values):
        person = enrolment.participant
        for name, value in TRN.items():
            setattr(person, name, value)
        person.save()
        values = {"participant": ParticipantFactory(**TRN), **values}
        return enrol(**values)

    return make


@pytest.fixture
def other_provider(db):
    return LeadProviderFactory(name="South")


@pytest.fixture
def senior(db):
    """Return another course of the same group."""
    return CourseFactory(identifier="npq-senior-leadership")


@pytest.fixture
def coaching(db):
    """Return a course of another group, with a schedule that always takes applications."""
    group = CourseGroupFactory(name="ASO", has_outcomes=False)
    MilestoneFactory(schedule=ScheduleFactory(identifier="npq-aso", group=group))
    return CourseFactory(identifier="npq-additional-support-offer", group=group)


def declare(enrolment, kind="started", *, at=DECLARED, date=DATED, by_provider=None):
    declaration = record_declaration(
        lead_provider=by_provider or enrolment.lead_provider,
        submission=Submission(
            participant_id=enrolment.participant_id,
            declaration_type=kind,
            declaration_date=date,
            course_identifier=enrolment.course.identifier,
            has_passed=True if kind == "completed" else None,
        ),
        refusals=Refusals(),
        by=BY,
        at=at,
    )
    enrolment.refresh_from_db()
    return declaration


def void(declaration, *, at=DECLARED):
    return void_declaration(
        lead_provider=declaration.lead_provider, declaration_id=declaration.pk, by=BY, at=at
    )


def open_for(provider, *, deadline=date(2021, 12, 25), period="January 2022"):
    (statement,) = open_statement(
        cohort=2021,
        period=period,
        deadline=deadline,
        payment=deadline,
        lead_provider=provider,
        by=BY,
        at=DECLARED,
    )
    return statement


@pytest.fixture
def api():
    """Return a function that asks the API as a provider, just now."""

    def send(provider, method, path, attributes=None):
        token = create_api_token(lead_provider=provider, by=BY, at=NOW)[1]
        with time_machine.travel(NOW, tick=False):
            return Client().generic(
                method,
                f"/api/v1{path}",
                json.dumps({"data": {"attributes": attributes or {}}}),
                content_type="application/json",
                headers={"authorization": f"Bearer {token}"},
            )

    return send


@pytest.fixture
def listed(api):
    """Return a function that returns the ids in a provider's list."""

    def ids(provider, path):
        return [it["id"] for it in api(provider, "GET", path).json()["data"]]

    return ids


@pytest.fixture(autouse=True)
def whole_data(db):
    """Prove after each test that the data is whole."""
    yield
    assert list(findings()) == []
