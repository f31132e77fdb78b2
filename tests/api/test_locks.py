"""What a token opens, over every route there is (rules 3.1, 3.2, 3.9 and 4.1)."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import time_machine

from declarations.models import Declaration
from npq_portal.history import Actor
from npq_portal.providers.models import ApiToken
from npq_portal.providers.services import create_api_token, revoke_api_token
from participants.models import Application
from tests.api.conftest import ATTRIBUTES, NOW, V1, provider_with_token
from tests.api.routes import ID, READING_A_BODY, ROUTES, named

TAKING_AN_ID = [it for it in ROUTES if it.takes_id]
UNKNOWN = uuid4()
BY = Actor(command="test")


def misspelt(identifier):
    """Return texts that are no UUID, though Python would read many as this one."""
    digits, text = identifier.hex, str(identifier)
    return [
        digits,
        f"{digits}----",
        f"-{{{digits}}}-",
        f"urn:{digits}",
        f"urn:uuid:{text}",
        f"{{{text}}}",
        text.replace("-", "_"),
        f"{text}%00",
        f"{text}%0A",
        f"%20{text[1:]}",
        f"\N{FULLWIDTH DIGIT ZERO}{text[1:]}",
        "1",
        "no-uuid",
        "outcomes.csv",
        "a" * 2000,
        "%00" * 36,
        "%FF" * 36,
        "%ED%A0%80",
        "é" * 36,
    ]


def test_these_are_the_routes():
    assert {f"{it.method} {it.path}" for it in ROUTES} == {
        "GET /participants/npq",
        "GET /participants/npq/{id}",
        "PUT /participants/npq/{id}/withdraw",
        "PUT /participants/npq/{id}/defer",
        "PUT /participants/npq/{id}/resume",
        "PUT /participants/npq/{id}/change-schedule",
        "POST /participant-declarations",
        "GET /participant-declarations",
        "GET /participant-declarations.csv",
        "GET /participant-declarations/{id}",
        "PUT /participant-declarations/{id}/void",
        "GET /participants/npq/outcomes",
        "GET /participants/npq/{id}/outcomes",
        "POST /participants/npq/{id}/outcomes",
        "GET /participant/npq/outcomes",
        "GET /participant/npq/{id}/outcomes",
        "POST /participant/npq/{id}/outcomes",
        "GET /npq-applications",
        "GET /npq-applications.csv",
        "GET /npq-applications/{id}",
        "POST /npq-applications/{id}/accept",
        "POST /npq-applications/{id}/reject",
        "GET /statements",
        "GET /statements/{id}",
    }


@pytest.fixture
def token(frozen, db):
    return provider_with_token("North Teaching School")[1]


@pytest.fixture
def opens(client):
    """Return a function that says whether a header opens a route, and how it is refused."""

    def send(route, authorization):
        headers = {} if authorization is None else {"authorization": authorization}
        answer = client.generic(route.method, V1 + route.of(UNKNOWN), headers=headers)
        if answer.status_code != 401:
            return True
        assert answer["WWW-Authenticate"] == "Bearer"
        assert answer["Content-Type"] == "application/vnd.api+json"
        assert list(answer.json()) == ["error"]
        return False

    return send


@pytest.mark.parametrize(**named(ROUTES))
def test_a_usable_token_opens_every_route(opens, token, route):
    assert opens(route, f"Bearer {token}")
    assert opens(route, f"bearer {token}")


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "{token}",
        "Basic {token}",
        "Token {token}",
        "Bearer {token}x",
        "Bearer {token} {token}",
        "Bearer token={token}",
        "Bearer npq_" + "a" * 43,
        "Bearer ÿ",
        "Bearer \0",
    ],
)
@pytest.mark.parametrize(**named(ROUTES))
def test_a_header_that_is_missing_malformed_or_unknown_opens_nothing(
    opens, token, route, authorization
):
    assert not opens(route, authorization and authorization.format(token=token))


@pytest.mark.parametrize(**named(ROUTES))
def test_a_revoked_token_opens_nothing(opens, token, route):
    assert opens(route, f"Bearer {token}")
    revoke_api_token(token_id=ApiToken.objects.get().pk, by=BY, at=NOW)
    assert not opens(route, f"Bearer {token}")


@pytest.mark.parametrize(**named(ROUTES))
def test_a_token_opens_through_its_last_day_in_london_and_no_longer(opens, db, route):
    with time_machine.travel(NOW, tick=False):
        provider, _ = provider_with_token("North Teaching School")
        last_day = date(2022, 6, 30)
        _, token = create_api_token(lead_provider=provider, expires_on=last_day, by=BY, at=NOW)
    with time_machine.travel(datetime(2022, 6, 30, 22, 59, 59, tzinfo=UTC), tick=False):
        assert opens(route, f"Bearer {token}")
    with time_machine.travel(datetime(2022, 6, 30, 23, tzinfo=UTC), tick=False):
        assert not opens(route, f"Bearer {token}")


def refused_the_same(answers):
    """Say whether all are the one 404 that there is, but for the id of the request."""
    assert [it.status_code for it in answers] == [404] * len(answers)
    headers = [{**it.headers, "X-Request-ID": ""} for it in answers]
    return headers == headers[:1] * len(headers) and {it.content for it in answers} == {
        b'{"error":"There is nothing here."}'
    }


@pytest.mark.parametrize(**named(TAKING_AN_ID))
def test_another_providers_record_is_as_absent_as_one_that_does_not_exist(call, records, route):
    _, stranger = provider_with_token("South Teaching School")
    identifiers = [records[route.collection], UNKNOWN, *misspelt(UNKNOWN)]
    paths = [route.of(it) for it in identifiers]
    answers = [call(route.method, it, ATTRIBUTES, token=stranger) for it in paths]
    assert refused_the_same(answers)
    assert Declaration.objects.get().state == "eligible"
    assert Application.objects.get().training_status == "active"


@pytest.mark.parametrize(**named(TAKING_AN_ID))
def test_an_own_id_misspelt_is_as_absent_as_one_that_does_not_exist(call, records, route):
    paths = [route.of(it) for it in (UNKNOWN, *misspelt(records[route.collection]))]
    assert refused_the_same([call(route.method, it, ATTRIBUTES) for it in paths])


@pytest.mark.parametrize(**named(TAKING_AN_ID))
def test_an_id_that_is_no_uuid_is_looked_up_after_all_other_checks(client, call, route):
    for identifier in misspelt(UNKNOWN):
        path = route.of(identifier)
        assert client.generic(route.method, V1 + path).status_code == 401
        assert call("DELETE", path).status_code == 405
        assert call(route.method, path, accept="text/html").status_code == 406
        if route in READING_A_BODY:
            assert call(route.method, path, body=b"{").status_code == 400


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/vnd.api+json"),
        ("application/json", "application/json"),
        ("text/html", "application/vnd.api+json"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_an_unknown_path_is_as_absent_as_an_unknown_record(call, method, accept, content_type):
    for path in ("/nothing", "/", "/participants/npq/1/2", "/participant/npq", f"/{ID}"):
        for token in (None, "npq_wrong"):
            answer = call(method, path, token=token, accept=accept)
            assert answer.status_code == 404
            assert answer.content == b'{"error":"There is nothing here."}'
            assert answer["Content-Type"] == content_type
