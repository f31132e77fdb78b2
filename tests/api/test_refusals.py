"""How requests are refused, in which order, and in what form (rules 3.3, 3.8 to 3.12)."""

from uuid import uuid4

import pytest
from django.db import OperationalError

from npq_portal.api.chunked_bodies import MAX_BYTES
from npq_portal.prepared import Prepared
from tests.api.conftest import ATTRIBUTES, V1
from tests.api.routes import IGNORING_BODIES, PATHS, READING_A_BODY, ROUTES, named

UNKNOWN = uuid4()
TOO_LARGE = b" " * (MAX_BYTES + 1)
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
UNREADABLE = (
    b"",
    b"{",
    b"\xff",
    b"NaN",
    b"null",
    b"[]",
    b"{}",
    b'{"data": null}',
    b'{"data": []}',
    b'{"data": {}}',
    b'{"data": {"attributes": null}}',
    b'{"data": {"attributes": []}}',
    b'{"data": {"attributes": "x"}}',
)


def refused(answer, status):
    """Say whether an answer is a refusal with this status, in the form that goes with it."""
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/vnd.api+json"
    assert answer["X-Request-ID"]
    document = answer.json()
    if status not in {400, 422}:
        return list(document) == ["error"] and isinstance(document["error"], str)
    return list(document) == ["errors"] and all(
        list(it) == ["title", "detail", "code", "source"] for it in document["errors"]
    )


def test_an_unknown_path_is_refused_before_all_else(call):
    answer = call(
        "PATCH",
        "/nothing?page[page]=0",
        token=None,
        body=TOO_LARGE,
        content_type="text/plain",
        accept="text/html",
    )
    assert refused(answer, 404)


@pytest.mark.parametrize(**named([it for it in ROUTES if it.action != "csv"]))
def test_what_is_not_acceptable_is_refused_before_who_asks(call, route):
    path = route.of(UNKNOWN)
    assert refused(call(route.method, path, token=None, accept="text/html"), 406)
    assert refused(call("DELETE", path, accept="text/html"), 406)


@pytest.mark.parametrize("path", PATHS)
def test_who_asks_is_refused_before_the_method(call, path):
    path = path.format(id=UNKNOWN)
    for method in ("PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
        assert refused(call(method, path, token=None), 401)
        answer = call(method, path)
        assert refused(answer, 405)
        assert method not in answer["Allow"].split(", ")


def test_nothing_but_a_method_that_is_not_allowed_is_told_which_are(call):
    assert call("DELETE", "/participants/npq")["Allow"] == "GET, HEAD"
    for path in ("/participants/npq", f"/participants/npq/{UNKNOWN}", "/nothing"):
        answer = call("GET", path)
        assert (answer.get("Allow"), answer["Vary"]) == (None, "Accept")


def test_csv_heeds_no_accept_header_whatever_the_method(call):
    for path in ("/npq-applications.csv", "/participant-declarations.csv"):
        assert call("GET", path, accept="text/html").status_code == 200
        assert refused(call("DELETE", path, accept="text/html"), 405)
        assert refused(call("GET", path, token=None, accept="text/html"), 401)


@pytest.mark.parametrize(**named(READING_A_BODY))
def test_the_method_is_refused_before_the_size_and_the_size_before_the_type(call, route):
    path = route.of(UNKNOWN)
    assert refused(call("PATCH", path, body=TOO_LARGE), 405)
    assert refused(call(route.method, path, token=None, body=TOO_LARGE), 401)
    assert refused(call(route.method, path, body=TOO_LARGE, content_type="text/plain"), 413)
    assert refused(call(route.method, path, body=TOO_LARGE), 413)


@pytest.mark.parametrize(**named(READING_A_BODY))
def test_a_body_of_one_megabyte_is_read(call, route):
    body = b'{"data": 1}'.ljust(MAX_BYTES)
    assert len(body) == 1_000_000
    assert refused(call(route.method, route.of(UNKNOWN), body=body), 400)


@pytest.mark.parametrize(**named(READING_A_BODY))
def test_the_type_is_refused_before_what_the_body_says(call, route):
    path = route.of(UNKNOWN)
    for content_type in (*FORMS, "text/plain", "application/*", "*/*", "", "x"):
        assert refused(call(route.method, path, body=b"{", content_type=content_type), 415)


@pytest.mark.parametrize(**named(READING_A_BODY))
def test_the_body_is_refused_before_the_record(call, route):
    for body in UNREADABLE:
        for content_type in ("application/json", "application/vnd.api+json"):
            answer = call(route.method, route.of(UNKNOWN), body=body, content_type=content_type)
            assert refused(answer, 400)
            (error,) = answer.json()["errors"]
            assert (error["title"], error["source"]) == ("base", {"pointer": ""})


@pytest.mark.parametrize("identifier", [UNKNOWN, "no-uuid"])
@pytest.mark.parametrize("spelling", ["participant", "participants"])
def test_a_parameter_is_refused_before_the_record(call, spelling, identifier):
    path = f"/{spelling}/npq/{identifier}/outcomes"
    assert refused(call("GET", path), 404)
    assert refused(call("GET", f"{path}?page[page]=0"), 400)
    answer = call("GET", f"{path}?filter[created_since]=2021-01-01T00:00:00Z")
    assert refused(answer, 400)
    assert answer.json()["errors"][0]["source"] == {"parameter": "filter[created_since]"}


def test_more_parameters_than_django_reads_are_refused_in_the_form_of_all_refusals(call):
    answer = call("GET", "/participants/npq?" + "a&" * 5000)
    assert refused(answer, 400)


def test_a_host_that_is_not_served_is_refused_in_json(client, db):
    answer = client.get(f"{V1}/participants/npq", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/json"
    assert [it["title"] for it in answer.json()["errors"]] == ["base"]
    assert answer["X-Request-ID"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TOO_LARGE, "application/json"),
        (b"{", "application/json"),
        (b"\xff\0", "text/plain"),
        (b"a=1", "application/x-www-form-urlencoded"),
        (b'{"data": []}', ""),
    ],
)
@pytest.mark.parametrize(**named(IGNORING_BODIES))
def test_a_body_that_is_not_asked_for_is_ignored(
    call, application, declare, route, body, content_type
):
    identifier = application.pk
    if route.action == "void":
        call("POST", f"/npq-applications/{application.pk}/accept")
        identifier = declare("started").json()["data"]["id"]
    path = route.of(identifier)
    answer = call(route.method, path, body=body, content_type=content_type)
    assert answer.status_code == 200


@pytest.mark.parametrize(**named(ROUTES))
def test_a_request_that_fails_is_told_so_in_json(call, client, monkeypatch, route):
    client.raise_request_exception = False

    def fail(*_arguments, **_more):
        raise RuntimeError("<html>")

    monkeypatch.setattr("npq_portal.api.views.ApiViewSet.provider", property(fail))
    answer = call(route.method, route.of(UNKNOWN), ATTRIBUTES)
    assert refused(answer, 500)
    assert "html" not in answer.content.decode()


@pytest.mark.parametrize(**named(ROUTES))
def test_a_database_that_does_not_answer_is_worth_another_try(call, monkeypatch, route):
    def fail(*_arguments, **_more):
        raise OperationalError("no connection")

    monkeypatch.setattr(Prepared, "rows", fail)
    answer = call(route.method, route.of(UNKNOWN), ATTRIBUTES)
    assert refused(answer, 503)
    assert answer["Retry-After"].isdigit()


def test_a_request_id_is_kept_if_it_is_harmless_and_replaced_if_not(call):
    for path, status in (("/participants/npq", 200), ("/nothing", 404)):
        kept = call("GET", path, **{"x-request-id": "abc-1.2_3"})
        replaced = call("GET", path, **{"x-request-id": "a\nb"})
        assert (kept.status_code, kept["X-Request-ID"]) == (status, "abc-1.2_3")
        assert len(replaced["X-Request-ID"]) == 36
    ids = {call("GET", "/participants/npq")["X-Request-ID"] for _ in range(2)}
    assert len(ids) == 2


def test_what_a_path_takes_is_named_when_it_is_asked_for_something_else(call):
    allowed = call("DELETE", "/participant-declarations")["Allow"].split(", ")
    assert {"GET", "POST"} <= set(allowed)
    assert "DELETE" not in allowed
