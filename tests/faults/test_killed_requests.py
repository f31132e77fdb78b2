"""Server processes are killed at every step of a request (rules 16.2)."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from declarations.models import Declaration, DeclarationEvent
from npq_portal.back_office.integrity import findings
from outcomes.models import Notification, Outcome
from participants.models import Application, ApplicationEvent, ParticipantListing
from tests.api.conftest import NOW, V1
from tests.factories.participants import ApplicationFactory, ParticipantFactory
from tests.workers import KILLED, Workers

pytestmark = pytest.mark.django_db(transaction=True)

COURSE = "npq-headship"
WRITTEN = (
    ApplicationEvent,
    ParticipantListing,
    Declaration,
    DeclarationEvent,
    Outcome,
    Notification,
)


@pytest.fixture
def workers():
    with Workers(connection.settings_dict["NAME"], "http://127.0.0.1:9") as workers:
        yield workers


def pending(model):
    """Make one more application like ``model``, of somebody new."""
    return ApplicationFactory(
        participant=ParticipantFactory(email=f"{uuid4()}@example.com"),
        lead_provider=model.lead_provider,
        course=model.course,
        cohort=model.cohort,
        eligible_for_funding=True,
    )


def accept(application):
    return "POST", f"/npq-applications/{application.pk}/accept", None


def complete(application):
    return (
        "POST",
        "/participant-declarations",
        {
            "participant_id": str(application.participant_id),
            "declaration_type": "completed",
            "declaration_date": "2022-01-15T09:00:00Z",
            "course_identifier": COURSE,
            "has_passed": True,
        },
    )


def void(application):
    declaration = Declaration.objects.get(application=application)
    return "PUT", f"/participant-declarations/{declaration.pk}/void", None


def withdraw(application):
    attributes = {"course_identifier": COURSE, "reason": "other"}
    return "PUT", f"/participants/npq/{application.participant_id}/withdraw", attributes


def counts():
    return [it.objects.count() for it in WRITTEN]


@pytest.mark.parametrize(
    ("before", "request_of"),
    [
        ([], accept),
        ([accept], complete),
        ([accept, complete], void),
        ([accept, complete], withdraw),
    ],
    ids=lambda it: getattr(it, "__name__", None),
)
def test_a_request_whose_process_is_killed_is_done_or_not_and_can_be_repeated(
    call, application, provider, workers, before, request_of
):
    step, end, outcomes = 0, KILLED, set()
    while end == KILLED:
        step += 1
        mine: Application = pending(application)
        for earlier in before:
            assert call(*earlier(mine)).status_code == 200
        method, path, attributes = request_of(mine)
        counted = counts()
        body = json.dumps({"data": {"attributes": attributes}})
        request = ("request", method, V1 + path, body, provider[1])
        end = workers.run(*request, at=NOW + timedelta(seconds=1), dies_at=step)
        outcomes.add(tuple(now - then for now, then in zip(counts(), counted, strict=True)))
        assert call(method, path, attributes).status_code in {200, 422}
        done = tuple(now - then for now, then in zip(counts(), counted, strict=True))
    assert outcomes == {(0,) * len(WRITTEN), done}
    assert step > 15
    assert list(findings()) == []
