"""What is logged of a request, and what is not (rules 3.12, 15.5)."""

import logging

import pytest

from tests.api.conftest import V1

SECRET = "npq_" + "a" * 43


@pytest.fixture
def logged(client, db, caplog):
    """Return a function that sends a request and returns what was logged of it."""
    caplog.set_level(logging.INFO)

    def send(path, **values):
        caplog.clear()
        answer = client.get(path, **values)
        ours = [it for it in caplog.records if it.name.startswith("django_structlog")]
        assert ours
        return answer, [it.msg for it in ours]

    return send


def test_the_path_is_logged_without_its_query(logged, caplog):
    path = f"{V1}/participants/npq"
    _, lines = logged(f"{path}?email=ada@example.org", headers={"user-agent": "curl"})
    assert [it["event"] for it in lines] == ["request_started", "request_finished"]
    assert {it["request"] for it in lines} == {f"GET {path}"}
    assert "ada@example.org" not in str(lines)
    assert "ada@example.org" not in caplog.text


def test_the_address_is_logged_that_is_believed(logged, settings):
    forged = {"x-forwarded-for": "192.0.2.1, 198.51.100.7", "x-real-ip": "192.0.2.2"}
    _, lines = logged(f"{V1}/statements", headers=forged, REMOTE_ADDR="10.0.0.3")
    assert {it["ip"] for it in lines} == {"10.0.0.3"}
    settings.BEHIND_PROXY = True
    _, lines = logged(f"{V1}/statements", headers=forged, REMOTE_ADDR="10.0.0.3")
    assert {it["ip"] for it in lines} == {"198.51.100.7"}


def test_lines_carry_the_id_that_the_answer_carries(logged):
    answer, lines = logged(f"{V1}/statements", headers={"x-request-id": "abc-1"})
    assert {it["request_id"] for it in lines} == {"abc-1"} == {answer["X-Request-ID"]}
    answer, lines = logged(f"{V1}/statements")
    assert {it["request_id"] for it in lines} == {answer["X-Request-ID"]}


def test_a_secret_that_was_sent_in_a_path_is_not_logged(logged, caplog):
    for path in (f"{V1}/statements/{SECRET}", f"/{SECRET}"):
        _, lines = logged(path)
        assert "/npq_***" in lines[0]["request"]
        assert SECRET not in caplog.text
