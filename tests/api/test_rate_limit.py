"""How many requests are answered, and what those are told that are not (rules 15.1 to 15.4)."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from npq_portal.back_office.models import ProviderRequest
from npq_portal.providers import counting
from npq_portal.providers.models import ApiToken, RequestCount
from npq_portal.providers.services import create_api_token
from tests.api.conftest import NOW, V1, provider_with_token
from tests.api.routes import ROUTES, named
from tests.api.test_locks import BY

READ = "/participants/npq"
WRITE = "/participant-declarations"
MINUTES = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def limits(settings):
    settings.API_RATE_LIMIT, settings.API_ANONYMOUS_RATE_LIMIT = 3, 2


@pytest.fixture
def ask(client, provider):
    """Return a function that sends a request, by default to read, over a process of its own."""

    def send(path=READ, *, token=provider[1], process=client, method="GET", **more):
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return process.generic(method, V1 + path, headers=headers | more.pop("headers", {}), **more)

    return send


def statuses(ask, times, **values):
    return [ask(**values).status_code for _ in range(times)]


def test_the_limit_passes_and_the_next_request_is_refused(ask):
    assert statuses(ask, 5) == [200, 200, 200, 429, 429]


def test_every_answer_says_what_is_left(ask):
    with time_machine.travel(NOW, tick=False) as clock:
        told = []
        for _ in range(4):
            told.append(ask()["RateLimit"])
            clock.shift(timedelta(seconds=100, milliseconds=-1))
    assert told == [
        '"token";r=2;t=300',
        '"token";r=1;t=201',
        '"token";r=0;t=101',
        '"token";r=0;t=1',
    ]


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html"])
@pytest.mark.parametrize(
    "path", [READ, "/npq-applications.csv", f"/statements/{UUID(int=0)}", "/nothing"]
)
def test_a_refusal_is_told_as_others_are_whatever_was_asked_for(ask, path, accept):
    statuses(ask, 3)
    answer = ask(path, headers={"accept": accept})
    assert answer.status_code == 429
    assert answer.json() == {
        "error": "That was more than 3 requests in five minutes. Try again in 300 seconds."
    }
    wanted = accept if accept == "application/json" else "application/vnd.api+json"
    assert answer["Content-Type"] == wanted
    assert answer["Retry-After"] == "300"
    assert answer["RateLimit-Policy"] == '"token";q=3;w=300'
    assert answer["RateLimit"] == '"token";r=0;t=300'
    assert answer["X-Request-ID"]


def test_who_waits_as_long_as_told_is_answered_again(ask):
    with time_machine.travel(NOW, tick=False) as clock:
        assert statuses(ask, 2) == [200, 200]
        clock.shift(timedelta(seconds=200.5))
        assert statuses(ask, 2) == [200, 429]
        seconds = int(ask()["Retry-After"])
        assert seconds == 100
        clock.shift(timedelta(seconds=seconds - 1))
        assert statuses(ask, 1) == [429]
        clock.shift(timedelta(seconds=1))
        assert statuses(ask, 4) == [200, 200, 200, 429]


@pytest.mark.parametrize(**named(ROUTES))
def test_every_route_counts_and_says_so(ask, route):
    answer = ask(route.of(uuid4()), method=route.method)
    assert answer["RateLimit-Policy"] == '"token";q=3;w=300'
    assert answer["RateLimit"] == '"token";r=2;t=300'


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/nothing", {}, 404),
        ("DELETE", READ, {}, 405),
        ("GET", READ, {"accept": "text/html"}, 406),
        ("POST", WRITE, {}, 400),
        ("GET", f"{READ}?filter=1", {}, 400),
    ],
)
def test_what_is_refused_otherwise_counts_as_well(ask, method, path, headers, status):
    answer = ask(path, method=method, headers=headers, data=b"{", content_type="application/json")
    assert answer.status_code == status
    assert answer["RateLimit"] == '"token";r=2;t=300'


def test_each_token_has_a_limit_of_its_own(ask, provider):
    _, second = create_api_token(lead_provider=provider[0], by=BY, at=NOW)
    _, stranger = provider_with_token("South Teaching School")
    for token in (provider[1], second, stranger):
        assert statuses(ask, 4, token=token) == [200, 200, 200, 429]


def test_processes_count_together(ask):
    processes = [Client() for _ in range(3)]
    told = [ask(process=each).status_code for each in processes * 2]
    assert told == [200, 200, 200, 429, 429, 429]


@pytest.mark.parametrize("token", [None, "npq_wrong"])
def test_who_has_no_usable_token_is_counted_by_address(ask, token):
    answer = ask(token=token)
    assert answer.status_code == 401
    assert answer["RateLimit-Policy"] == '"address";q=2;w=300'
    assert answer["RateLimit"] == '"address";r=1;t=300'
    assert statuses(ask, 2, token=token) == [401, 429]
    assert statuses(ask, 1, token=token, REMOTE_ADDR="192.0.2.1") == [401]
    assert statuses(ask, 3) == [200, 200, 200]


def test_an_address_is_not_made_up(ask, settings):
    def tried(headers):
        RequestCount.objects.all().delete()
        process = Client()
        return [
            ask(token=None, process=process, headers=each, REMOTE_ADDR="10.0.0.3").status_code
            for each in headers
        ]

    spoofed = [{"x-forwarded-for": f"192.0.2.{number}"} for number in range(3)]
    assert tried(spoofed) == [401, 401, 429]
    settings.BEHIND_PROXY = True
    assert tried(spoofed) == [401, 401, 401]
    behind = [{"x-forwarded-for": f"192.0.2.{number}, 198.51.100.7"} for number in range(3)]
    assert tried(behind) == [401, 401, 429]
    assert tried([{"x-forwarded-for": "unknown"}] * 3) == [401, 401, 429]
    ipv6 = [{"x-forwarded-for": f"2001:db8::{number}"} for number in range(3)]
    assert tried(ipv6) == [401, 401, 429]


def test_a_limit_of_none_is_none(ask, settings):
    settings.API_RATE_LIMIT = 0
    answer = ask()
    assert "RateLimit" not in answer
    assert "RateLimit-Policy" not in answer
    assert statuses(ask, 9) == [200] * 9
    assert statuses(ask, 3, token=None) == [401, 401, 429]
    settings.API_RATE_LIMIT, settings.API_ANONYMOUS_RATE_LIMIT = 3, 0
    assert statuses(ask, 9, token="npq_wrong") == [401] * 9
    assert statuses(ask, 4) == [200, 200, 200, 429]


def test_the_rest_of_the_service_is_not_counted(client, provider):
    for path in ("/health/live", "/api/schema/", "/admin/login/"):
        answers = [client.get(path) for _ in range(4)]
        assert [it.status_code for it in answers] == [200] * 4
        assert "RateLimit" not in answers[0]
    assert not RequestCount.objects.exists()


def test_a_refused_write_is_kept_in_the_journal_and_changes_nothing(ask):
    statuses(ask, 3)
    assert ask(WRITE, method="POST").status_code == 429
    row = ProviderRequest.objects.get()
    assert (row.status, row.path) == (429, V1 + WRITE)
    assert "more than 3 requests" in row.answer


def test_a_database_that_does_not_answer_refuses_in_the_form_of_all_refusals(ask, monkeypatch):
    def fail(*_arguments, **_more):
        raise OperationalError("no connection")

    monkeypatch.setattr(counting, "unless_locked", fail)
    answer = ask()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert list(answer.json()) == ["error"]


def test_a_request_looks_its_token_up_once_and_mostly_counts_without_the_database(ask, settings):
    settings.API_RATE_LIMIT = 1000
    for _ in range(100):
        ask()
    with CaptureQueriesContext(connection) as queries:
        for _ in range(100):
            assert ask().status_code == 200
    counted = [it["sql"] for it in queries if "requestcount" in it["sql"]]
    assert len(counted) <= 2 * 10  # ten claims
    assert len([it for it in queries if "secret_hash" in it["sql"]]) == 100


def test_whoever_is_refused_asks_the_count_no_more(ask):
    statuses(ask, 4)
    with CaptureQueriesContext(connection) as queries:
        assert statuses(ask, 10) == [429] * 10
    assert not [it for it in queries if "requestcount" in it["sql"]]


def test_counts_of_windows_that_have_ended_are_removed_by_whoever_opens_one(ask):
    with time_machine.travel(NOW, tick=False) as clock:
        for number in range(25):
            ask(token=None, REMOTE_ADDR=f"192.0.2.{number}")
        assert RequestCount.objects.count() == 25
        clock.shift(MINUTES)
        left = []
        for _ in range(3):
            _, token = provider_with_token(f"Provider {uuid4()}")
            ask(token=token)
            left.append(RequestCount.objects.count())
    assert left == [16, 7, 3]


def test_a_process_remembers_so_many_callers_and_forgets_the_oldest(db, monkeypatch):
    monkeypatch.setattr(counting, "KNOWN_CALLERS", 2)
    counter = counting.Counter()
    told = [counter.take(caller=it, limit=2, at=NOW) for it in ("a", "b", "c", "a", "a", "a")]
    assert [it.passes for it in told] == [True] * 4 + [False] * 2
    assert list(counter._desks) == ["c", "a"]


def test_headers_are_structured_fields(ask):
    item = re.compile(r'"[a-z]+"(;[a-z]+=\d+)+')
    answer = ask()
    assert item.fullmatch(answer["RateLimit"])
    assert item.fullmatch(answer["RateLimit-Policy"])


def test_a_token_is_counted_by_its_id_so_that_no_secret_is_stored(ask, provider):
    ask()
    assert RequestCount.objects.get().caller == f"token {ApiToken.objects.get().pk}"
    assert str(RequestCount.objects.get()) == (
        f"token {ApiToken.objects.get().pk}: 1 until 1 Feb 2022, 12:05 GMT"
    )
