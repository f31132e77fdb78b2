"""Following the Link header while others write: each row that stays is seen exactly once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from npq_portal.back_office.integrity import findings
from participants.models import Application, Participant
from tests.factories.participants import ApplicationFactory, ParticipantFactory

ROWS = 10_000
PAGE = 500


@pytest.fixture
def applications(enrolment):
    """The ids of thousands of pending applications made to one provider, some at one instant."""
    people = Participant.objects.bulk_create(
        ParticipantFactory.build(created_at=enrolment.created_at) for _ in range(ROWS)
    )
    made = Application.objects.bulk_create(
        ApplicationFactory.build(
            participant=person,
            lead_provider=enrolment.lead_provider,
            course=enrolment.course,
            cohort=enrolment.cohort,
            created_at=enrolment.created_at + timedelta(seconds=number // 30),
        )
        for number, person in enumerate(people)
    )
    return [str(it.pk) for it in made]


@pytest.fixture
def client_of(live_server, token_of):
    def make(provider):
        # A kept connection waits for the test server, which sends head and body apart.
        headers = {"Authorization": f"Bearer {token_of(provider)}", "Connection": "close"}
        return httpx.Client(
            base_url=f"{live_server.url}/api/v1", headers=headers, timeout=60, trust_env=False
        )

    return make


def follow(client, path, ended):
    """Return the ids of all records from the first page to the last."""
    seen, url = [], path
    try:
        while url:
            answer = client.get(url)
            seen += [record["id"] for record in answer.json()["data"]]
            url = answer.links.get("next", {}).get("url")
    finally:
        ended.set()
    return seen


def write(client, enrolment, pending, ended):
    """Apply, now and long ago, and accept, until the reader has ended; return the accepted."""
    accepted = []
    try:
        while not ended.is_set():
            for created_at in (timezone.now(), enrolment.created_at + timedelta(seconds=99)):
                ApplicationFactory.create(
                    participant=enrolment.participant,
                    lead_provider=enrolment.lead_provider,
                    course=enrolment.course,
                    cohort=enrolment.cohort,
                    created_at=created_at,
                )
            accepted.append(pending.pop())
            client.post(f"/npq-applications/{accepted[-1]}/accept").raise_for_status()
    finally:
        connection.close()
    return accepted


def test_each_application_is_seen_once_while_others_come_and_are_accepted(
    client_of, enrolment, applications
):
    ended = threading.Event()
    with client_of(enrolment.lead_provider) as client, ThreadPoolExecutor() as threads:
        path = f"/npq-applications?page[per_page]={PAGE}"
        reading = threads.submit(follow, client, path, ended)
        writing = threads.submit(write, client, enrolment, applications[:], ended)
        seen, accepted = reading.result(), writing.result()
    assert len(seen) == len(set(seen))
    assert set(applications) <= set(seen)
    assert accepted
    assert list(findings()) == []
