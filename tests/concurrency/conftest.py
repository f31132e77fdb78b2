import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from npq_portal.history import Actor
from npq_portal.providers.services import create_api_token
from tests.factories.participants import listed_enrolment

CLIENTS = 16
NOW = datetime(2022, 1, 10, 12, tzinfo=UTC)


def together(*functions):
    """Run each of these in a thread of its own, all at the same moment."""
    gate = threading.Barrier(len(functions))

    def one(function):
        gate.wait()
        try:
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as threads:
        return list(threads.map(one, functions))


@pytest.fixture
def at_once(live_server):
    """Return a function that sends requests from as many threads, all at the same moment.

    What it is told to ``run`` runs in one more thread at that moment.
    """

    def send(*requests, run=None):
        gate = threading.Barrier(len(requests) + (run is not None))

        def one(request):
            token, method, path, attributes = request
            with httpx.Client(base_url=live_server.url, timeout=60, trust_env=False) as client:
                gate.wait()
                return client.request(
                    method,
                    f"/api/v1{path}",
                    headers={"Authorization": f"Bearer {token}"},
                    json={"data": {"attributes": attributes}},
                )

        def beside():
            gate.wait()
            run()

        with ThreadPoolExecutor(gate.parties) as threads:
            running = threads.submit(beside) if run else None
            answers = list(threads.map(one, requests))
            if running:
                running.result()
            return answers

    return send


@pytest.fixture
def token_of(transactional_db):
    def make(provider):
        by = Actor(command="test")
        return create_api_token(lead_provider=provider, by=by, at=timezone.now())[1]

    return make


@pytest.fixture
def enrol(transactional_db):
    """Return a function that makes an enrolment as accepting leaves it: listed, with history."""
    return listed_enrolment


@pytest.fixture
def enrolment(enrol):
    return enrol()


@pytest.fixture
def why(transactional_db):
    """Return what a correction is given: a reason, a member of staff and an instant."""
    staff = User.objects.create_user(username="casey", is_staff=True)
    return {"reason": "Because.", "by": Actor(staff_id=staff.pk), "at": NOW}
