"""Requests to the API, each answer held against what is due."""

import json
from collections import defaultdict

from tests.simulation.model import NOT_FOUND

V1 = "/api/v1"


class Api:
    """The providers' side of the wire; after each request a second passes."""

    def __init__(self, client, tokens, pass_time):
        self.client = client
        self.tokens = tokens
        self.providers = list(tokens)
        self.pass_time = pass_time
        self.statuses = defaultdict(set)  # of what was asked for

    def declare(self, provider, given, *, wrong, expected):
        record = self._send(provider, "POST", "/participant-declarations", given, wrong)
        if record is not None:
            expected.id = expected.id or record["id"]
            _check_declaration(record, expected)

    def void(self, provider, declaration, *, wrong):
        path = f"/participant-declarations/{declaration.id}/void"
        record = self._send(provider, "PUT", path, None, wrong)
        if record is not None:
            _check_declaration(record, declaration)

    def train(self, enrolment, action, given, *, wrong):
        path = f"/participants/npq/{enrolment.person.id}/{action}"
        given = {"course_identifier": enrolment.course, **given}
        record = self._send(enrolment.provider, "PUT", path, given, wrong)
        if record is not None:
            enrolments = record["attributes"]["npq_enrolments"]
            (found,) = (it for it in enrolments if it["npq_application_id"] == enrolment.id)
            _same(found["training_status"], enrolment.training)
            _same(found["schedule_identifier"], enrolment.schedule)

    def post_outcome(self, enrolment, state, day, *, wrong):
        path = f"/participants/npq/{enrolment.person.id}/outcomes"
        given = {
            "course_identifier": enrolment.course,
            "state": state,
            "completion_date": day.isoformat(),
        }
        record = self._send(enrolment.provider, "POST", path, given, wrong)
        if record is not None:
            answered = record["attributes"]
            _same((answered["state"], answered["completion_date"]), (state, day.isoformat()))

    def decide(self, application, action, *, provider=None, wrong):
        path = f"/npq-applications/{application.id}/{action}"
        record = self._send(provider or application.provider, "POST", path, None, wrong)
        if record is not None:
            _same(record["attributes"]["status"], application.status)

    def statements(self, provider):
        """List the provider's statements."""
        return self._send(provider, "GET", "/statements", None, set())

    def _send(self, provider, method, path, attributes, wrong):
        """Return the record that is answered, None when a refusal is due and came."""
        body = b"" if attributes is None else json.dumps({"data": {"attributes": attributes}})
        answer = self.client.generic(
            method,
            V1 + path,
            body,
            content_type="application/json",
            headers={"authorization": f"Bearer {self.tokens[provider]}"},
        )
        self.pass_time()
        status = 404 if wrong is NOT_FOUND else 422 if wrong else 200
        self.statuses[path.split("/")[-1]].add(status)
        content = answer.json()
        request = f"{method} {path} {attributes} by {provider}"
        assert answer.status_code == status, f"{request}: {wrong or 'success'} was due, {content}"
        if status == 422:
            titles = {it["title"] for it in content["errors"]}
            assert titles == wrong, f"{request}: {wrong} was due, {content}"
        return content["data"] if status == 200 else None


def _check_declaration(record, expected):
    answered = record["attributes"]
    passed = {"passed": True, "failed": False}
    outcome = expected.outcome and expected.outcome[0]
    _same(record["id"], expected.id)
    _same(answered["state"], expected.state)
    _same(answered["has_passed"], passed.get(outcome))
    _same(answered["statement_id"], expected.paid_on and expected.paid_on.id)
    _same(answered["clawback_statement_id"], expected.taken_back_on and expected.taken_back_on.id)


def _same(answered, expected):
    assert answered == expected, f"{expected} was due, {answered} was answered"
