"""The description agrees with the paths there are, with its own examples and with real answers."""

import re
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from npq_portal.api.description import document
from npq_portal.clock import parse_instant
from participants.models import Application
from schedules.models import Course
from tests.api.conftest import V1

FORMATS = FormatChecker(["date", "uuid"])
FORMATS.checks("date-time")(lambda value: parse_instant(value) is not None)

# How a path of the URL configuration is written in the description.
SPELLINGS = [
    (re.compile(r"\(\?P<pk>[^)]*\)"), "{id}"),
    (re.compile(r"\(\?P<(\w+)>[^)]*\)"), r"{\1}"),
    (re.compile(r"/\?\$$|[\^$]"), ""),  # one slash at the end is tolerated, not described
    (re.compile(r"\\\."), "."),
]


@cache
def description():
    return SchemaGenerator().get_schema(public=True)


def operations():
    return {
        (method.upper(), path): operation
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    }


def resolved(node):
    if "$ref" not in node:
        return node
    _, _, kind, name = node["$ref"].split("/")
    return description()["components"][kind][name]


def faults(schema, value):
    root = {**schema, "components": description()["components"]}
    Draft202012Validator.check_schema(root)
    found = Draft202012Validator(root, format_checker=FORMATS).iter_errors(value)
    return [f"{each.json_path}: {each.message}" for each in found]


def described_values(node):
    """Yield each parameter, header and body: whatever has a schema and so can have an example."""
    if isinstance(node, dict) and "schema" in node:
        yield node
    elif isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from described_values(child)


def examples(value):
    given = [each["value"] for each in value.get("examples", {}).values()]
    return [*given, value["example"]] if "example" in value else given


def routes(patterns, prefix=""):
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
            continue
        for spelling, written in SPELLINGS:
            path = spelling.sub(written, path)
        for method in getattr(pattern.callback, "actions", {}).keys() - {"head"}:  # GET's shadow
            yield method.upper(), f"/{path}"


@pytest.mark.parametrize("accept", ["*/*", "text/html,application/xhtml+xml,*/*;q=0.8"])
def test_the_description_and_its_page_answer_without_a_token(client, accept):
    schema = client.get("/api/schema/", headers={"accept": accept})
    assert (schema.status_code, b"openapi: 3.1" in schema.content) == (200, True)
    page = client.get("/api/docs/", headers={"accept": accept})
    assert (page.status_code, b"swagger-ui" in page.content) == (200, True)
    assert b"http" not in page.content.replace(b"http-equiv", b"")
    assert b"<style" not in page.content, "the Content-Security-Policy forbids it"


@pytest.fixture
def makings(monkeypatch):
    """Return a list of each time that the description is made from now on."""
    makings = []
    make = SchemaGenerator.get_schema

    def watched(*arguments, **more):
        makings.append(1)
        return make(*arguments, **more)

    document.cache_clear()
    monkeypatch.setattr(SchemaGenerator, "get_schema", watched)
    return makings


@pytest.mark.parametrize("kind", ["application/vnd.oai.openapi", "application/json"])
def test_the_description_is_made_once_whatever_is_asked(client, makings, kind):
    asked = ("", "?version=2", "?lang=fr", f"?{'a' * 50}", "?version=3")
    answers = [client.get(f"/api/schema/{it}", headers={"accept": kind}) for it in asked]
    assert len({it.content for it in answers}) == len(makings) == 1
    assert {it["Content-Type"].partition(";")[0] for it in answers} == {kind}
    assert {it["Vary"] for it in answers} == {"Accept"}


def test_the_description_that_is_served_is_the_one_in_the_documentation(client):
    written = Path(__file__).parents[2] / "docs" / "openapi.yaml"
    assert client.get("/api/schema/").content == written.read_bytes()
    in_json = client.get("/api/schema/", headers={"accept": "application/json"}).json()
    assert in_json == description()


@pytest.mark.parametrize(
    ("method", "accept", "status"), [("DELETE", "*/*", 405), ("GET", "image/png", 406)]
)
@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
def test_what_the_description_refuses_it_refuses_in_json(client, path, method, accept, status):
    answer = client.generic(method, path, headers={"accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert answer.json().keys() == {"error"}


def test_each_path_is_described_and_no_other():
    assert set(operations()) == {
        (method, path)
        for method, path in routes(get_resolver().url_patterns)
        if path.startswith(V1)
    }


def test_each_operation_is_explained_and_answers_with_and_without_a_token():
    for operation in operations().values():
        assert operation["summary"]
        assert operation["description"]
        assert {"200", "401", "429", "500", "503"} <= set(operation["responses"])


def test_lists_have_pages_and_csv_has_none():
    for (_, path), operation in operations().items():
        names = {each["name"] for each in operation.get("parameters", [])}
        pages = {name for name in names if name.startswith("page[")}
        is_list = operation["operationId"].endswith("_list")
        assert pages == ({"page[page]", "page[per_page]", "page[after]"} if is_list else set())
        assert ("Link" in operation["responses"]["200"]["headers"]) == is_list, path


def test_the_statuses_are_those_that_an_operation_can_answer():
    every = {"200", "401", "429", "500", "503"}
    for (method, path), statuses in {
        ("GET", "/participants/npq"): {"400", "406"},
        ("GET", "/participants/npq/{id}"): {"404", "406", "410"},
        ("GET", "/npq-applications.csv"): {"400"},
        ("POST", "/npq-applications/{id}/accept"): {"403", "404", "406", "422"},
        ("POST", "/participant-declarations"): {"400", "403", "406", "413", "415", "422"},
        ("PUT", "/participants/npq/{id}/defer"): {
            *("400", "403", "404", "406", "410", "413", "415", "422")
        },
        ("GET", "/participants/npq/{participant_id}/outcomes"): {"400", "404", "406", "410"},
    }.items():
        assert set(operations()[method, V1 + path]["responses"]) == every | statuses


def test_everything_has_an_example_that_its_schema_allows():
    for value in described_values(description()["paths"]):
        assert examples(value), value
    for value in described_values(description()):
        for example in examples(value):
            assert faults(value["schema"], example) == []


def test_the_examples_of_attributes_were_all_given():
    for value in described_values(description()["paths"]):
        for example in examples(value):
            data = example["data"] if isinstance(example, dict) and "data" in example else []
            for record in data if isinstance(data, list) else [data]:
                assert "" not in record["attributes"].values(), record


@pytest.fixture
def visited():
    return set()


@pytest.fixture
def visit(call, visited):
    """Return a function that sends a request and compares the answer with its description."""

    def send(method, template, attributes=None, *, query="", status=200, ids=None, **headers):
        answer = call(method, template.format(**(ids or {})) + query, attributes, **headers)
        assert answer.status_code == status, answer.content
        described = resolved(operations()[method, V1 + template]["responses"][str(status)])
        assert {it for it in described["headers"] if described["headers"][it].get("required")} <= (
            set(answer.headers)
        )
        content = described["content"][answer["Content-Type"].partition(";")[0]]
        body = b"".join(answer.streaming_content).decode() if answer.streaming else answer.json()
        assert faults(content["schema"], body) == []
        visited.add((method, V1 + template))
        return body

    return send


def test_every_operation_answers_as_described(visit, visited, application):
    rival = Application.objects.create(
        participant=application.participant,
        lead_provider=application.lead_provider,
        course=Course.objects.get(identifier="npq-senior-leadership"),
        cohort=application.cohort,
        created_at=application.created_at,
        updated_at=application.updated_at,
    )
    person = str(application.participant_id)
    course = {"course_identifier": "npq-headship"}
    one, two = {"id": application.pk}, {"id": rival.pk}
    participant, of_participant = {"id": person}, {"participant_id": person}

    visit("POST", "/npq-applications/{id}/accept", ids=one)
    visit("POST", "/npq-applications/{id}/reject", ids=two)
    visit("GET", "/npq-applications/{id}", ids=two)
    visit("GET", "/npq-applications", query="?page[per_page]=1")
    assert visit("GET", "/npq-applications.csv").startswith("id,participant_id,")

    declaration = visit(
        "POST",
        "/participant-declarations",
        {
            **course,
            "participant_id": person,
            "declaration_type": "completed",
            "declaration_date": "2022-01-15T09:00:00Z",
            "has_passed": True,
        },
    )["data"]
    visit("GET", "/participant-declarations")
    visit("GET", "/participant-declarations.csv")
    visit("GET", "/participant-declarations/{id}", ids=declaration)
    for word in ("participants", "participant"):
        path = f"/{word}/npq/{{participant_id}}/outcomes"
        outcome = {**course, "state": "failed", "completion_date": "2022-01-16"}
        visit("POST", path, outcome, ids=of_participant)
        visit("GET", path, ids=of_participant)
        visit("GET", f"/{word}/npq/outcomes")
    visit("GET", "/statements")
    visit("GET", "/statements/{id}", ids={"id": declaration["attributes"]["statement_id"]})
    visit("PUT", "/participant-declarations/{id}/void", ids=declaration)

    change = "/participants/npq/{id}/"
    visit("PUT", change + "defer", {**course, "reason": "career-break"}, ids=participant)
    visit("PUT", change + "resume", course, ids=participant)
    autumn = {**course, "schedule_identifier": "npq-leadership-autumn", "cohort": 2021}
    visit("PUT", change + "change-schedule", autumn, ids=participant)
    visit("PUT", change + "withdraw", {**course, "reason": "other"}, ids=participant)
    visit("GET", "/participants/npq/{id}", ids=participant)
    visit("GET", "/participants/npq")

    assert visited == set(operations())


def test_refusals_are_as_described(visit, application):
    accept, unknown = "/npq-applications/{id}/accept", {"id": uuid4()}
    visit("POST", accept, ids=unknown, status=404)
    visit("POST", accept, ids={"id": application.pk})
    visit("POST", accept, ids={"id": application.pk}, status=422)
    visit("POST", "/participant-declarations", {}, status=422)
    visit("POST", "/participant-declarations", status=400)
    visit("POST", "/participant-declarations", {"participant_id": "x" * 1_000_000}, status=413)
    visit("POST", "/participant-declarations", {}, status=415, content_type="text/plain")
    visit("GET", "/participants/npq", query="?filter[colour]=red&page[page]=0", status=400)
    visit("GET", "/participants/npq", status=406, accept="text/html")
    visit("GET", "/participants/npq", status=401, token="")
    visit("GET", "/npq-applications.csv", status=401, token="")
    visit("GET", "/npq-applications.csv", query="?filter=1", status=400)
