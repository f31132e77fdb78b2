"""Who may read the metrics, and what they say (rules 18.4)."""

import re
import runpy
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
import time_machine
import yaml
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from declarations.models import Statement
from npq_portal import metrics
from npq_portal import settings as project
from npq_portal.back_office.services import keep_integrity_check
from outcomes.choices import NotificationState
from outcomes.models import Notification
from tests.admin.test_pages import make
from tests.api.conftest import V1
from tests.outcomes.rows import AT

TOKEN = "t" * 32
PAGE = "/metrics"
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "operator-guide.md"


@pytest.fixture
def counting(settings, tmp_path):
    settings.METRICS_TOKEN = TOKEN
    settings.METRICS_FOLDER = tmp_path / "metrics"
    yield
    metrics._known.clear()


@pytest.fixture
def read(client, counting):
    """Return a function that reads the metrics: values by name and labels."""

    def ask():
        answer = client.get(PAGE, headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain; version=")
        return {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(answer.content.decode())
            for sample in family.samples
        }

    return ask


def gauges(found):
    return {name: value for (name, *labels), value in found.items() if not labels}


def test_there_is_no_such_page_until_it_is_configured(client, db):
    answer = client.get(PAGE, headers={"authorization": "Bearer "})
    assert (answer.status_code, answer.json()) == (404, {"error": "There is nothing here."})


@pytest.mark.parametrize(
    "given",
    [None, "", TOKEN, "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer é"],
)
def test_nobody_without_the_token_reads_it(client, counting, given):
    answer = client.get(PAGE, headers={} if given is None else {"authorization": given})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json() == {"error": "Send the token of the metrics."}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("token", [TOKEN, "x"])
def test_nobody_writes_to_it(counting, method, token):
    client = Client(enforce_csrf_checks=True)
    answer = client.generic(method, PAGE, headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert answer.json() == {"error": f'Method "{method}" not allowed.'}


def test_a_short_token_is_refused_at_the_start(monkeypatch):
    def start(token):
        monkeypatch.setenv("METRICS_TOKEN", token)
        with mock.patch("environ.Env.read_env"), mock.patch("structlog.configure"):
            return runpy.run_path(project.__file__)["METRICS_TOKEN"]

    assert start(TOKEN) == TOKEN
    with pytest.raises(ImproperlyConfigured, match="METRICS_TOKEN is shorter"):
        start(TOKEN[1:])


def test_requests_are_counted_by_pattern_method_and_class_of_status(client, db, read):
    for word in ("a", "b", "c"):
        client.get(f"{V1}/statements/{word}")
        client.generic("BREW", f"/{word}")
    client.get("/health/ready")
    found = read()
    assert found["npq_requests_total", "/api/v1/statements/<pk>/", "4xx", "GET"] == 3
    assert found["npq_requests_total", "4xx", "none", "other"] == 3
    assert found["npq_request_queries_total", "/health/ready", "GET"] == 1
    assert found["npq_request_duration_seconds_count", "/health/ready", "GET"] == 1
    assert found["npq_request_duration_seconds_bucket", "+Inf", "/health/ready", "GET"] == 1


def test_labels_are_bounded_whatever_is_sent(client, db, read):
    client.raise_request_exception = False

    def send(numbers):
        for number in numbers:
            client.get(f"/{number}", HTTP_HOST=f"{number}.example")
            client.generic(f"M{number}", f"{V1}/statements/{number}", HTTP_USER_AGENT=f"{number}")

    send(range(3))
    read()
    before = read().keys()
    send(range(3, 30))
    assert read().keys() == before


def test_nothing_is_counted_where_nobody_can_read_it(client, db, settings, tmp_path):
    settings.METRICS_FOLDER = tmp_path / "metrics"
    client.get("/health/live")
    assert not settings.METRICS_FOLDER.exists()


def test_what_operators_alert_on_is_zero_where_there_is_nothing(db, read):
    assert gauges(read()) == {
        "npq_database_answers": 1,
        "npq_notifications_given_up": 0,
        "npq_notifications_oldest_pending_seconds": 0,
        "npq_notifications_pending": 0,
        "npq_statements_past_deadline": 0,
    }


def test_what_operators_alert_on_is_told_as_it_is(db, read):
    for number in (1, 2, 3):
        make(number)
    keep_integrity_check(
        findings=7, first_findings=["It."], started_at=AT, ended_at=AT + timedelta(minutes=2)
    )
    Notification.objects.update(state=NotificationState.WAITING, due_at=AT, created_at=AT)
    given_up, later, _first = Notification.objects.order_by("-id")
    Notification.objects.filter(pk=given_up.pk).update(
        state=NotificationState.GIVEN_UP, due_at=None, created_at=AT - timedelta(days=9)
    )
    Notification.objects.filter(pk=later.pk).update(created_at=AT + timedelta(hours=1))
    paid = Statement.objects.latest("id")
    Statement.objects.filter(pk=paid.pk).update(state="paid")
    with time_machine.travel(AT + timedelta(hours=2), tick=False):
        found = gauges(read())
    assert found == {
        "npq_database_answers": 1,
        "npq_integrity_age_seconds": 118 * 60,
        "npq_integrity_findings": 7,
        "npq_notifications_given_up": 1,
        "npq_notifications_oldest_pending_seconds": 2 * 3600,
        "npq_notifications_pending": 2,
        "npq_statements_past_deadline": 2,
    }


def test_reading_takes_the_same_few_queries_however_much_there_is(db, read):
    counts = []
    for numbers in ((1,), range(2, 6)):
        for number in numbers:
            make(number)
        with CaptureQueriesContext(connection) as queries:
            read()
        counts.append(len(queries))
    assert counts == [6, 6]


def test_what_processes_counted_is_told_while_the_database_does_not_answer(
    client, db, read, monkeypatch
):
    def refuse(*_arguments, **_more):
        raise DatabaseError

    client.get("/health/live")
    monkeypatch.setattr("npq_portal.back_office.metrics.Notification.objects.filter", refuse)
    found = read()
    assert gauges(found) == {"npq_database_answers": 0}
    assert found["npq_requests_total", "/health/live", "2xx", "GET"] == 1


def test_what_the_guide_lets_prometheus_send_is_not_redirected(client, counting, settings, db):
    """As it is configured behind a proxy, past which Prometheus comes."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    (recipe,) = re.findall(r"```yaml\n(scrape_configs:.*?)```", GUIDE.read_text(), re.DOTALL)
    (scrape,) = yaml.safe_load(recipe)["scrape_configs"]
    own = {name: it["values"][0] for name, it in scrape["http_headers"].items()}
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert scrape["scheme"] == "http"
    assert client.get(PAGE, headers=headers).status_code == 301
    assert client.get(PAGE, headers=headers | own).status_code == 200
