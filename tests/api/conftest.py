"""A provider with a token, an application, and requests as the provider sends them."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from npq_portal.history import Actor
from npq_portal.providers.services import create_api_token, create_lead_provider
from participants.models import Application, Participant
from schedules.models import Cohort, Course

NOW = datetime(2022, 2, 1, 12, tzinfo=UTC)
V1 = "/api/v1"


@pytest.fixture
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


def provider_with_token(name):
    provider = create_lead_provider(name=name, by=Actor(command="test"), at=NOW)
    return provider, create_api_token(lead_provider=provider, at=NOW)[1]


@pytest.fixture
def provider(db, frozen):
    call_command("load_reference_data", stderr=StringIO())
    return provider_with_token("North Teaching School")


@pytest.fixture
def call(client, provider):
    """Return a function that sends a request with a token and, if given, attributes."""

    def send(method, path, attributes=None, token=provider[1], **headers):
        body = {} if attributes is None else {"data": {"attributes": attributes}}
        return client.generic(
            method,
            V1 + path,
            "" if attributes is None else json.dumps(body),
            content_type="application/json",
            headers={"authorization": f"Bearer {token}", **headers},
        )

    return send


@pytest.fixture
def application(provider):
    long_ago = NOW - timedelta(days=60)
    participant = Participant.objects.create(
        full_name="Siân Ó Dálaigh",
        email="sian@example.org",
        teacher_reference_number="1234567",
        created_at=long_ago,
        updated_at=long_ago,
    )
    return Application.objects.create(
        participant=participant,
        lead_provider=provider[0],
        course=Course.objects.get(identifier="npq-headship"),
        cohort=Cohort.objects.get(),
        eligible_for_funding=True,
        created_at=long_ago,
        updated_at=long_ago,
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
