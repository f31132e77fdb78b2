"""A provider's day over HTTP: from the list of applications to a retracted outcome."""

from uuid import uuid4

import pytest

from declarations.models import Statement
from npq_portal.back_office.integrity import findings
from outcomes.models import Notification
from participants.models import Application
from tests.api.conftest import NOW, V1, provider_with_token


def test_a_provider_accepts_declares_corrects_and_voids(call, application, declare):
    accepted = call("POST", f"/npq-applications/{application.pk}/accept")
    assert accepted.json()["data"]["attributes"]["status"] == "accepted"
    person = application.participant_id

    started = declare("started")
    assert started["Content-Type"] == "application/vnd.api+json"
    assert started.json()["data"]["attributes"] == {
        "participant_id": str(person),
        "declaration_type": "started",
        "declaration_date": "2022-01-15T09:00:00Z",
        "course_identifier": "npq-headship",
        "state": "eligible",
        "eligible_for_payment": True,
        "voided": False,
        "updated_at": "2022-02-01T12:00:00Z",
        "has_passed": None,
        "statement_id": str(Statement.objects.get(period__name="March 2022").pk),
        "clawback_statement_id": None,
    }
    assert declare("started").content == started.content
    rival = declare("started", declaration_date="2022-01-16T09:00:00Z")
    assert (rival.status_code, rival.json()["errors"][0]["title"]) == (422, "base")

    completed = declare("completed", has_passed="true").json()["data"]
    assert completed["attributes"]["has_passed"] is True
    outcomes = f"/participant/npq/{person}/outcomes"
    correction = {
        "course_identifier": "npq-headship",
        "state": "failed",
        "completion_date": "2022-01-16",
    }
    first = call("POST", outcomes, correction)
    assert call("POST", outcomes, correction).content == first.content
    call("POST", outcomes, {**correction, "state": "passed"})
    states = [it["attributes"]["state"] for it in call("GET", outcomes).json()["data"]]
    assert states == ["passed", "failed", "passed"]

    voided = call("PUT", f"/participant-declarations/{completed['id']}/void").json()["data"]
    assert voided["attributes"]["state"] == "voided"
    assert voided["attributes"]["has_passed"] is None
    assert len(call("GET", "/participants/npq/outcomes").json()["data"]) == 4
    assert Notification.objects.count() == 1
    assert list(findings()) == []


def test_a_participant_is_answered_exactly(call, application):
    call("POST", f"/npq-applications/{application.pk}/accept")
    call(
        "PUT",
        f"/participants/npq/{application.participant_id}/defer",
        {"course_identifier": "npq-headship", "reason": "career-break"},
    )
    person = str(application.participant_id)
    record = {
        "id": person,
        "type": "npq-participant",
        "attributes": {
            "participant_id": person,
            "full_name": "Siân Ó Dálaigh",
            "email": "sian@example.org",
            "npq_courses": ["npq-headship"],
            "teacher_reference_number": None,
            "updated_at": "2022-02-01T12:00:00Z",
            "npq_enrolments": [
                {
                    "email": "sian@example.org",
                    "course_identifier": "npq-headship",
                    "schedule_identifier": "npq-leadership-spring",
                    "cohort": "2021",
                    "npq_application_id": str(application.pk),
                    "eligible_for_funding": True,
                    "training_status": "deferred",
                    "school_urn": None,
                    "targeted_delivery_funding_eligibility": None,
                    "withdrawal": None,
                    "deferral": {"reason": "career-break", "date": "2022-02-01T12:00:00Z"},
                    "created_at": "2021-12-03T12:00:00Z",
                }
            ],
            "participant_id_changes": [],
        },
    }
    assert call("GET", f"/participants/npq/{person}").json() == {"data": record}
    assert call("GET", "/participants/npq/?filter[cohort]=2021").json() == {"data": [record]}
    assert call("GET", "/participants/npq?filter[cohort]=2022").json() == {"data": []}


def test_everything_wrong_with_a_declaration_is_said_at_once(call, application, declare):
    call("POST", f"/npq-applications/{application.pk}/accept")
    answer = declare("completed", declaration_date="2021-12-31T23:59:59Z")
    assert answer.status_code == 422
    assert {it["title"]: it["source"]["pointer"] for it in answer.json()["errors"]} == {
        "declaration_date": "/data/attributes/declaration_date",
        "has_passed": "/data/attributes/has_passed",
    }


def test_another_providers_records_are_as_unknown_as_those_that_do_not_exist(
    call, application, declare
):
    call("POST", f"/npq-applications/{application.pk}/accept")
    declaration = declare("started").json()["data"]["id"]
    _, stranger = provider_with_token("South Teaching School")
    person, unknown = application.participant_id, uuid4()
    for method, path, own in (
        ("GET", "/participants/npq/{}", person),
        ("GET", "/participant-declarations/{}", declaration),
        ("PUT", "/participant-declarations/{}/void", declaration),
        ("GET", "/npq-applications/{}", application.pk),
        ("POST", "/npq-applications/{}/accept", application.pk),
        ("GET", "/participants/npq/{}/outcomes", person),
    ):
        answers = [
            call(method, path.format(it), token=stranger) for it in (own, unknown, "no-uuid")
        ]
        assert {it.status_code for it in answers} == {404}
        assert len({it.content for it in answers}) == 1
    for path in ("/participants/npq", "/participant-declarations", "/npq-applications"):
        assert call("GET", path, token=stranger).json() == {"data": []}


@pytest.mark.parametrize("token", ["", "x", "npq_" + "a" * 43])
def test_without_a_usable_token_nothing_is_answered(call, token):
    answer = call("GET", "/participants/npq", token=token)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert set(answer.json()) == {"error"}


def test_refusals_of_the_wire_are_json(call):
    assert call("GET", "/nothing").status_code == 404
    assert call("GET", "/nothing").json() == {"error": "There is nothing here."}
    assert call("GET", "/participants/npq", accept="text/html").status_code == 406
    assert call("DELETE", "/participants/npq").status_code == 405
    assert call("OPTIONS", "/participants/npq").status_code == 405
    answer = call("GET", "/participants/npq?filter[nothing]=1")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"] == {"parameter": "filter[nothing]"}
    assert answer["X-Request-ID"]


def test_applications_are_listed_page_by_page_and_as_csv(call, application):
    for _ in range(4):
        Application.objects.create(
            **{
                name: getattr(application, name)
                for name in ("participant", "lead_provider", "course", "cohort")
            },
            created_at=NOW,
            updated_at=NOW,
        )
    seen, path = [], "/npq-applications?page[per_page]=2"
    while path:
        answer = call("GET", path)
        seen += [it["id"] for it in answer.json()["data"]]
        link = answer.headers.get("Link", "")
        path = link.partition(V1)[2].partition(">")[0]
    assert len(seen) == len(set(seen)) == 5
    csv = call("GET", "/npq-applications.csv", accept="text/html")
    assert csv["Content-Type"].startswith("text/csv")
    lines = b"".join(csv.streaming_content).decode().splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("id,participant_id,full_name,")


def test_wrong_filters_and_wrong_pages_are_told_at_once(call):
    answer = call(
        "GET", "/participants/npq?filter=1&filter[cohort]=21&page[page]=0&page[per_page]=x"
    )
    assert answer.status_code == 400
    assert [it["title"] for it in answer.json()["errors"]] == [
        "filter",
        "filter[cohort]",
        "page[page]",
        "page[per_page]",
    ]


def test_the_key_of_a_page_wins_over_its_number(call, application):
    link = call("GET", "/npq-applications?page[per_page]=1").headers.get("Link", "")
    assert link == ""
    answer = call("GET", "/npq-applications?page[after]=nonsense&page[page]=0")
    assert [it["title"] for it in answer.json()["errors"]] == ["page[after]"]
