"""Simultaneous requests against a running server: nothing doubled, nothing lost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from declarations.models import Declaration
from declarations.services import make_payable, open_statement
from npq_portal.back_office.integrity import findings
from npq_portal.clock import london_day
from npq_portal.history import Actor
from outcomes.models import Outcome
from participants.models import Application
from tests.concurrency.conftest import CLIENTS
from tests.factories.participants import ApplicationFactory, ParticipantFactory
from tests.factories.providers import LeadProviderFactory
from tests.factories.schedules import MilestoneFactory, ScheduleFactory

COURSE = "npq-headship"


def statuses(answers):
    return sorted(it.status_code for it in answers)


def started(application, day=5, **changes):
    return {
        "participant_id": str(application.participant_id),
        "declaration_type": "started",
        "declaration_date": f"2021-11-{day:02}T09:00:00Z",
        "course_identifier": COURSE,
        **changes,
    }


@pytest.fixture
def post(at_once, token_of, enrolment):
    """Return a function that posts each of the given attributes to a path at once."""
    token = token_of(enrolment.lead_provider)

    def send(method, path, bodies):
        return at_once(*((token, method, path, body) for body in bodies))

    return send


def test_the_same_declaration_sent_at_once_is_one_row_and_one_answer(post, enrolment):
    answers = post("POST", "/participant-declarations", [started(enrolment)] * CLIENTS)
    assert statuses(answers) == [200] * CLIENTS
    assert len({it.content for it in answers}) == 1
    assert Declaration.objects.count() == 1


def test_of_rival_declarations_for_one_slot_one_wins(post, enrolment):
    bodies = [started(enrolment, day) for day in range(1, CLIENTS + 1)]
    answers = post("POST", "/participant-declarations", bodies)
    assert statuses(answers) == [200] + [422] * (CLIENTS - 1)
    assert Declaration.objects.count() == 1


def test_of_simultaneous_withdrawals_one_wins(post, enrolment):
    body = {"course_identifier": COURSE, "reason": "other"}
    path = f"/participants/npq/{enrolment.participant_id}/withdraw"
    answers = post("PUT", path, [body] * CLIENTS)
    assert statuses(answers) == [200] + [422] * (CLIENTS - 1)
    assert enrolment.events.filter(kind="withdrawn").count() == 1


def test_the_same_outcome_sent_at_once_is_one_row(post, enrolment):
    completed = started(enrolment, declaration_type="completed", has_passed=False)
    post("POST", "/participant-declarations", [completed])
    body = {"course_identifier": COURSE, "state": "passed", "completion_date": "2022-06-30"}
    path = f"/participants/npq/{enrolment.participant_id}/outcomes"
    answers = post("POST", path, [body] * CLIENTS)
    assert statuses(answers) == [200] * CLIENTS
    assert len({it.content for it in answers}) == 1
    assert [it.state for it in Outcome.objects.all()] == ["failed", "passed"]


def test_of_simultaneous_acceptances_one_wins(at_once, token_of, transactional_db):
    MilestoneFactory()
    application: Application = ApplicationFactory.create()
    token = token_of(application.lead_provider)
    path = f"/npq-applications/{application.pk}/accept"
    answers = at_once(*[(token, "POST", path, {})] * CLIENTS)
    assert statuses(answers) == [200] + [422] * (CLIENTS - 1)


@pytest.mark.parametrize("shared_trn", [False, True])
def test_of_two_providers_who_accept_one_person_one_wins(
    at_once, token_of, transactional_db, shared_trn
):
    ScheduleFactory()
    person = {"teacher_reference_number": "1234567", "teacher_reference_number_validated": True}
    first = ParticipantFactory(**person)
    second = ParticipantFactory(**person) if shared_trn else first
    applications = [
        ApplicationFactory.create(participant=it, lead_provider=LeadProviderFactory())
        for it in (first, second)
    ]
    answers = at_once(
        *(
            (token_of(it.lead_provider), "POST", f"/npq-applications/{it.pk}/accept", {})
            for it in applications
        )
    )
    assert statuses(answers) == [200, 422]
    assert Application.objects.filter(status="accepted").count() == 1


def test_of_two_records_with_one_trn_that_declare_at_once_one_is_paid(at_once, token_of, enrol):
    person = {"teacher_reference_number": "1234567", "teacher_reference_number_validated": True}
    left = {"training_status": "withdrawn", "withdrawn_at": timezone.now()}
    enrolments = [
        enrol(participant=ParticipantFactory(**person), **training)
        for training in ({}, {**left, "withdrawal_reason": "other"})
    ]
    answers = at_once(
        *(
            (token_of(it.lead_provider), "POST", "/participant-declarations", started(it))
            for it in enrolments
        )
    )
    states = sorted(it.json()["data"]["attributes"]["state"] for it in answers)
    assert states == ["eligible", "ineligible"]
    assert list(findings()) == []


def test_nothing_is_declared_onto_a_statement_that_becomes_payable(at_once, token_of, enrol):
    provider = LeadProviderFactory.create()
    enrolments = [enrol(lead_provider=provider) for _ in range(CLIENTS)]
    today = london_day(timezone.now())
    for period, deadline in (("now", today), ("next", today + timedelta(days=30))):
        open_statement(
            cohort=2021,
            period=period,
            deadline=deadline,
            payment=deadline,
            lead_provider=provider,
            by=Actor(command="test"),
            at=timezone.now(),
        )
    token = token_of(provider)
    requests = [(token, "POST", "/participant-declarations", started(it)) for it in enrolments]
    answers = at_once(*requests, run=lambda: close(today + timedelta(days=1)))
    assert statuses(answers) == [200] * CLIENTS
    found = set(
        Declaration.objects.values_list("state", "statement__state", "statement__period__name")
    )
    assert found <= {("payable", "payable", "now"), ("eligible", "open", "next")}
    assert list(findings()) == []


def close(as_of):
    """Make payable what is due on a day, as the command does, from a thread of its own."""
    try:
        make_payable(as_of=as_of, by=Actor(command="make_payable"), at=timezone.now())
    finally:
        connection.close()


def test_after_declarations_and_withdrawals_at_once_the_data_is_whole(at_once, token_of, enrolment):
    token = token_of(enrolment.lead_provider)
    path = f"/participants/npq/{enrolment.participant_id}/withdraw"
    withdraw = (token, "PUT", path, {"course_identifier": COURSE, "reason": "other"})
    declare = (token, "POST", "/participant-declarations", started(enrolment))
    answers = at_once(*[withdraw, declare] * 8)
    assert statuses(answers) == [200] * 9 + [422] * 7
    assert list(findings()) == []
