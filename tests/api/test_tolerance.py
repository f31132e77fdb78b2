"""In how many ways the same request may be written (rules 3.1, 3.3 and 3.4)."""

import pytest

from tests.api.conftest import ATTRIBUTES
from tests.api.routes import READING_A_BODY, ROUTES, named

JSON_API, JSON = "application/vnd.api+json", "application/json"

SUCCEEDING = [it for it in ROUTES if it.action not in {"accept", "reject", "resume"}]
DECIDING = [it for it in ROUTES if it not in SUCCEEDING]
"""The records that are asked about were accepted and are active: there these are refused."""


@pytest.fixture
def attributes(application):
    """Return what every write but those of ``DECIDING`` succeeds with."""
    return {
        **ATTRIBUTES,
        "participant_id": str(application.participant_id),
        "declaration_type": "started",
        "declaration_date": "2022-01-15T09:00:00Z",
    }


@pytest.fixture
def ask(call, records, attributes):
    """Return a function that asks a route about an own record."""

    def send(route, ending="", **more):
        path = route.of(records.get(route.collection, ""))
        return call(route.method, path + ending, attributes, **more)

    return send


@pytest.mark.parametrize(("ending", "is_known"), [("", True), ("/", True), ("//", False)])
@pytest.mark.parametrize(**named(ROUTES))
def test_one_slash_at_the_end_is_tolerated(ask, route, ending, is_known):
    known = 422 if route in DECIDING else 200
    assert ask(route, ending).status_code == (known if is_known else 404)


@pytest.mark.parametrize(**named([it for it in SUCCEEDING if it.takes_id]))
def test_an_id_is_read_in_upper_case_and_answered_in_lower_case(call, records, attributes, route):
    identifier = str(records[route.collection])
    answer = call(route.method, route.of(identifier.upper()), attributes)
    assert answer.status_code == 200
    assert identifier in answer.content.decode()
    assert identifier.upper() not in answer.content.decode()


def test_ids_in_bodies_and_filters_are_read_in_upper_case(call, application, declare):
    call("POST", f"/npq-applications/{application.pk}/accept")
    person = str(application.participant_id)
    answer = declare("started", participant_id=person.upper())
    assert answer.json()["data"]["attributes"]["participant_id"] == person
    found = call("GET", f"/participant-declarations?filter[participant_id]={person.upper()}")
    assert [it["id"] for it in found.json()["data"]] == [answer.json()["data"]["id"]]


@pytest.mark.parametrize("content_type", [JSON, JSON_API, f"{JSON}; charset=utf-8"])
@pytest.mark.parametrize(**named([it for it in READING_A_BODY if it in SUCCEEDING]))
def test_a_body_comes_as_either_type(ask, route, content_type):
    assert ask(route, content_type=content_type).status_code == 200


@pytest.mark.parametrize(**named(ROUTES))
def test_the_answer_comes_as_the_type_that_is_preferred(ask, route):
    for accept, wanted in (
        (None, JSON_API),
        ("", JSON_API),
        ("*/*", JSON_API),
        ("application/*", JSON_API),
        (JSON_API, JSON_API),
        (JSON, JSON),
        (f"{JSON}, */*", JSON),
        (f"{JSON}, {JSON_API}", JSON_API),
        (f"{JSON}, {JSON_API};q=0.9", JSON),
        (f"{JSON}; charset=utf-8", JSON),
        (f"{JSON}; charset=utf-8, {JSON_API}", JSON_API),
        (f"{JSON}; charset*=a'b'c, {JSON_API}", JSON_API),
        (f"{JSON};q=0.1, text/html", JSON),
        (f"{JSON};q=0, */*", JSON_API),
        (f"{JSON_API};q=0, */*", JSON),
    ):
        answer = ask(route, **({} if accept is None else {"accept": accept}))
        csv = route.action == "csv"
        assert answer["Content-Type"] == ("text/csv; charset=utf-8" if csv else wanted), accept
