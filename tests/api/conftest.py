"""A provider that calls the API, and records of its own to call it about."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test import Client

from npq_portal.history import Actor
from npq_portal.providers.services import create_api_token, create_lead_provider
from participants.models import Application, Participant
from schedules.models import Cohort, Course
from tests.reference_data import load_reference_data

NOW = datetime(2022, 2, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=60)
V1 = "/api/v1"

ATTRIBUTES = {
    "course_identifier": "npq-headship",
    "reason": "other",
    "schedule_identifier": "npq-leadership-autumn",
    "state": "failed",
    "completion_date": "2022-01-20",
}
"""Enough for every change of a record that exists."""


@pytest.fixture
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client():
    # As strict as the server about forged requests: Django answers those with a page.
    return Client(enforce_csrf_checks=True)


def provider_with_token(name):
    by = Actor(command="test")
    provider = create_lead_provider(name=name, by=by, at=NOW)
    return provider, create_api_token(lead_provider=provider, by=by, at=NOW)[1]


@pytest.fixture
def provider(frozen, db):
    load_reference_data()
    return provider_with_token("North Teaching School")


@pytest.fixture
def call(client, provider):
    """Return a function that sends a request with a token and attributes, or another body."""

    def send(
        method,
        path,
        attributes=None,
        *,
        token=provider[1],
        body=b"",
        content_type="application/json",
        **headers,
    ):
        if attributes is not None:
            body = json.dumps({"data": {"attributes": attributes}})
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        return client.generic(method, V1 + path, body, content_type=content_type, headers=headers)

    return send


@pytest.fixture
def application(provider):
    participant = Participant.objects.create(
        full_name="Siân Ó Dálaigh",
        email="sian@example.org",
        teacher_reference_number="1234567",
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )
    return Application.objects.create(
        participant=participant,
        lead_provider=provider[0],
        course=Course.objects.get(identifier="npq-headship"),
        cohort=Cohort.objects.get(),
        eligible_for_funding=True,
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )


@pytest.fixture
def declare(call, application):
    def send(declaration_type, **changes):
        return call(
            "POST",
            "/participant-declarations",
            {
                "participant_id": str(application.participant_id),
                "declaration_type": declaration_type,
                "declaration_date": "2022-01-15T09:00:00Z",
                "course_identifier": "npq-headship",
                **changes,
            },
        )

    return send


@pytest.fixture
def records(call, provider, application, declare):
    """Return the id of an own record for the first word of each path that takes one."""
    call("POST", f"/npq-applications/{application.pk}/accept")
    declaration = declare("completed", has_passed=True).json()["data"]["id"]
    return {
        "participant": application.participant_id,
        "participants": application.participant_id,
        "participant-declarations": UUID(declaration),
        "npq-applications": application.pk,
        "statements": provider[0].statements.first().pk,
    }


def gather_statistics():
    """Let plans be made for what the test has added, of which the database knows nothing yet."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
