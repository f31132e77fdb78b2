"""Requests made from the description, right and wrong ones, are answered as it says.

Two hundred of each kind for each operation; ``make fuzz`` sends 2,000 (FUZZ_EXAMPLES).
"""

import json
import os
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.parameters import ParameterLocation

from npq_portal.wsgi import application as served
from participants.models import Application, Participant
from schedules.models import Cohort, Course
from tests.api.conftest import LONG_AGO
from tests.api.test_description import description, operations

# Every example is a transaction of its own: PostgreSQL looks through the locks of all savepoints
# that a transaction has undone, and would take most of the time for it.
pytestmark = pytest.mark.django_db(transaction=True)

load_all_checks()
# What is right for the description need not be so for the rules: most of it is 422.
EXCLUDED = CHECKS.get_by_names(["positive_data_acceptance"])
REJECTION = CHECKS.get_by_names(["negative_data_rejection"])
IGNORED = {ParameterLocation.QUERY, ParameterLocation.HEADER, ParameterLocation.COOKIE}
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "200"))

UNKNOWN = "ffffffff-ffff-4fff-bfff-ffffffffffff"

fuzz = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def known(call, provider, records):
    """Return ids that there are, by the first word of the path, with enough for every success."""
    pending = Application.objects.create(
        participant=Participant.objects.create(
            full_name="Nia Pending",
            email="nia@example.org",
            created_at=LONG_AGO,
            updated_at=LONG_AGO,
        ),
        lead_provider=provider[0],
        course=Course.objects.get(identifier="npq-headship"),
        cohort=Cohort.objects.get(),
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )
    deferred = Application.objects.create(
        participant_id=records["participants"],
        lead_provider=provider[0],
        course=Course.objects.get(identifier="npq-leading-literacy"),
        cohort=Cohort.objects.get(),
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )
    assert call("POST", f"/npq-applications/{deferred.pk}/accept").status_code == 200
    path = f"/participants/npq/{records['participants']}/defer"
    attributes = {"course_identifier": "npq-leading-literacy", "reason": "other"}
    assert call("PUT", path, attributes).status_code == 200
    ids = {kind: [str(identifier)] for kind, identifier in records.items()}
    return ids | {"npq-applications": [str(pending.pk)]}


def with_known(document, known, *, attributes):
    """Return the description, in which ids are known ones, and attributes too if they are to be."""
    document = json.loads(json.dumps(document))
    for path, methods in document["paths"].items():
        kind = path.removeprefix("/api/v1/").split("/")[0]
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    parameter["schema"] = {"enum": [*known[kind], UNKNOWN]}
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("DataRequest"):
            schema["properties"]["type"] = {}  # it is not checked (rules 3.3)
        if name.endswith("AttributesRequest") and attributes:
            take_known_attributes(schema["properties"], known)
    return document


def take_known_attributes(properties, known):
    usual = {
        "participant_id": known["participants"],
        "course_identifier": ["npq-headship", "npq-leading-literacy"],
        "declaration_date": ["2022-01-15T09:00:00Z", "2022-01-25T10:00:00+01:00"],
        "schedule_identifier": ["npq-leadership-autumn", "npq-leadership-spring"],
        "completion_date": ["2022-01-20"],
        "cohort": ["2021", 2021],
    }
    for attribute in properties.keys() & usual.keys():
        properties[attribute] = {"enum": usual[attribute]}


@pytest.fixture
def connected():
    """Keep the test's connection, which the server would give back after each request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def api(known, connected):
    """Return a function that loads the description for the requests that are to be made."""

    def load(mode):
        document = with_known(description(), known, attributes=mode is GenerationMode.POSITIVE)
        schema = schemathesis.openapi.from_dict(document)
        schema.app = served
        return schema

    return load


@contextmanager
def undone():
    """Take back what is written, so that every example finds the same."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def headers(provider):
    return {"Authorization": f"Bearer {provider[1]}", "Host": "localhost"}


def left_out(case):
    """Return the checks that a request is not to be put to.

    A query or header may be wrong by what is ignored, such as an unknown parameter (rules 3.7).
    """
    components = case.meta.components if case.meta else {}
    wrong = {where for where, it in components.items() if it.mode is GenerationMode.NEGATIVE}
    return [*EXCLUDED, *(REJECTION if wrong and wrong <= IGNORED else ())]


@pytest.fixture
def statuses(headers):
    """Return a function that sends examples to an operation and returns the statuses it got."""

    def send_to(operation, mode):
        found = set()

        @fuzz
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case):
            with undone():
                answer = case.call_and_validate(headers=headers, excluded_checks=left_out(case))
            found.add(answer.status_code)

        send()
        return found

    return send_to


def test_each_operation_succeeds_and_answers_as_described(api, statuses):
    mode = GenerationMode.POSITIVE
    found = {it.ok().label: statuses(it.ok(), mode) for it in api(mode).get_all_operations()}
    assert set(found) == {f"{method} {path}" for method, path in operations()}
    assert {label: them for label, them in found.items() if 200 not in them} == {}


def test_each_operation_refuses_as_described_what_the_description_does_not_allow(api, statuses):
    mode = GenerationMode.NEGATIVE
    found = {it.ok().label: statuses(it.ok(), mode) for it in api(mode).get_all_operations()}
    assert {label: them for label, them in found.items() if not them - {200}} == {}


def test_what_one_operation_answers_another_can_be_asked_about(api, headers):
    succeeded = set()

    machine: Any = api(GenerationMode.POSITIVE).as_state_machine()

    class Client(machine):
        def setup(self):
            self.undone = undone()
            self.undone.__enter__()

        def teardown(self):
            self.undone.__exit__(None, None, None)

        def get_call_kwargs(self, case):
            return {"headers": headers}

        def validate_response(self, response, case, **more):
            case.validate_response(response, excluded_checks=left_out(case), **more)
            if response.status_code == 200:
                succeeded.add(case.operation.label)

    Client.run(settings=settings(fuzz, stateful_step_count=6))
    assert "GET /api/v1/npq-applications/{id}" in succeeded
    assert any(label.startswith(("POST", "PUT")) for label in succeeded)
