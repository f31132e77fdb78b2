"""Log-ins that failed too often wait (rules 13.2)."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import PASSWORD

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
LOG_IN = "/admin/login/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def log_in(client, member, clock):
    """Return a function that tries a password and returns the status: 302 for who is let in."""
    member("viewer", username="ada")

    def attempt(password="wrong", username="ada", **meta):
        client.logout()
        return client.post(LOG_IN, {"username": username, "password": password}, **meta)

    return attempt


def fail(log_in, times=5, **values):
    return [log_in(**values).status_code for _ in range(times)]


def test_the_fifth_failure_locks_even_the_right_password_out(log_in):
    assert fail(log_in) == [200, 200, 200, 200, 429]
    assert log_in(PASSWORD).status_code == 429


def test_the_page_says_when_to_try_again(log_in):
    fail(log_in, 4)
    answer = log_in()
    assert "Try again in\n15 minutes, at 13:15 London" in answer.content.decode()
    assert answer["Retry-After"] == "900"
    assert "default-src 'self'" in answer["Content-Security-Policy"]


def test_waiting_helps_and_trying_on_does_not_prolong_it(log_in, clock):
    fail(log_in)
    clock.shift(timedelta(minutes=14, seconds=59))
    answer = log_in(PASSWORD)
    assert (answer.status_code, answer["Retry-After"]) == (429, "1")
    assert "Try again in\n1 minute, at" in answer.content.decode()
    clock.shift(timedelta(seconds=2))
    assert log_in(PASSWORD).status_code == 302


def test_a_log_in_forgets_the_failures_before_it(log_in):
    fail(log_in, 4)
    assert log_in(PASSWORD).status_code == 302
    assert fail(log_in, 4) == [200] * 4


def test_others_and_other_places_are_not_locked_out(log_in, member):
    grace = member("viewer")
    fail(log_in)
    assert log_in(PASSWORD, username=grace.username).status_code == 302
    assert log_in(PASSWORD, REMOTE_ADDR="192.0.2.1").status_code == 302


def test_another_browser_is_no_way_around(log_in):
    fail(log_in, 3, headers={"user-agent": "one"})
    assert fail(log_in, 2, headers={"user-agent": "another"}) == [200, 429]


def test_who_does_not_exist_is_locked_out_alike(log_in):
    assert fail(log_in, username="nobody") == [200, 200, 200, 200, 429]


@pytest.mark.parametrize("username", ["a" * 151, "a" * 5000, "a\0b"])
def test_a_name_that_cannot_be_stored_is_just_wrong(log_in, username):
    assert log_in(username=username).status_code == 200
    assert not AccessAttempt.objects.exists()


def test_an_operator_unlocks(log_in, capsys):
    fail(log_in)
    call_command("axes_reset_username", "ada")
    assert log_in(PASSWORD).status_code == 302


def test_logs_and_rows_hold_no_more_than_the_lock_needs(log_in, caplog):
    caplog.set_level(logging.DEBUG)
    fail(log_in, password="hunter2!")
    log_in(PASSWORD)
    attempt = AccessAttempt.objects.get()
    told = caplog.text + attempt.get_data + attempt.post_data
    assert "Repeated login failure" in told
    for secret in ("ada", "hunter2!", PASSWORD):
        assert secret not in told


def test_the_api_asks_nothing_about_it(client, db):
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/api/v1/npq-applications").status_code == 401
    assert len(queries) == 0


def test_a_made_up_address_is_no_way_around(log_in, settings):
    settings.BEHIND_PROXY = True
    spoofed = [{"x-forwarded-for": f"192.0.2.{number}, 198.51.100.7"} for number in range(5)]
    assert [log_in(headers=it).status_code for it in spoofed] == [200, 200, 200, 200, 429]
    assert log_in(headers={"x-forwarded-for": "unknown"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_failures_at_the_same_time_are_all_counted(member):
    member("viewer", username="ada")

    def attempt(_number):
        try:
            return Client().post(LOG_IN, {"username": "ada", "password": "wrong"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as threads:
        statuses = set(threads.map(attempt, range(5)))
    assert 429 in statuses
    assert statuses <= {200, 429}
    assert AccessAttempt.objects.get().failures_since_start == 5
