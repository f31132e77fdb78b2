"""What the journal keeps while transactions win, lose and are rolled back (rules 13.5)."""

from collections import Counter

import pytest
from django.db import OperationalError, connection

from declarations.models import Declaration
from declarations.signals import completion_declared
from npq_portal.back_office.models import ProviderRequest
from tests.concurrency.conftest import CLIENTS
from tests.factories.providers import LeadProviderFactory

COURSE = "npq-headship"
PATH = "/participant-declarations"


@pytest.fixture
def declare(at_once, token_of, enrolment):
    """Return a function that declares at once, with a day of its own each."""
    token = token_of(enrolment.lead_provider)

    def send(count, **changes):
        bodies = [
            {
                "participant_id": str(enrolment.participant_id),
                "declaration_type": "started",
                "declaration_date": f"2021-11-{day:02}T09:00:00Z",
                "course_identifier": COURSE,
                **changes,
            }
            for day in range(1, count + 1)
        ]
        return at_once(*((token, "POST", PATH, body) for body in bodies))

    return send


def test_of_rivals_each_is_kept_the_one_that_won_and_those_that_lost(declare, enrolment):
    answers = declare(CLIENTS)
    rows = ProviderRequest.objects.filter(participant=enrolment.participant)
    assert Counter(it.status for it in rows) == {200: 1, 422: CLIENTS - 1}
    assert {it.request_id: it.answer for it in rows} == {
        it.headers["X-Request-ID"]: it.text for it in answers
    }


def test_a_failure_is_kept_though_all_that_it_wrote_is_rolled_back(declare):
    def fail(**_more):
        assert Declaration.objects.exists()
        raise RuntimeError

    completion_declared.connect(fail)
    try:
        (answer,) = declare(1, declaration_type="completed", has_passed=True)
    finally:
        completion_declared.disconnect(fail)
    assert answer.status_code == ProviderRequest.objects.get().status == 500
    assert not Declaration.objects.exists()


def test_a_request_that_loses_the_database_is_kept_over_a_new_connection(
    client, token_of, monkeypatch
):
    token = token_of(LeadProviderFactory.create())

    def lose(*_arguments):
        connection.connection.close()
        connection.errors_occurred = True
        raise OperationalError

    monkeypatch.setattr("npq_portal.api.views.ApiViewSet.provider", property(lose))
    monkeypatch.setattr(connection, "is_usable", lambda: False)  # SQLite does not look
    answer = client.post(
        f"/api/v1{PATH}",
        {"data": {"attributes": {}}},
        content_type="application/json",
        headers={"authorization": f"Bearer {token}"},
    )
    assert answer.status_code == ProviderRequest.objects.get().status == 503
