import pytest
from django.db import DatabaseError, connection
from django.test import Client


def test_a_process_that_answers_is_live_without_a_database(client):
    assert client.get("/health/live").json() == {"status": "live"}


@pytest.mark.django_db
def test_a_process_whose_database_answers_is_ready(client):
    assert client.get("/health/ready").json() == {"status": "ready"}


def test_a_process_without_its_database_is_not_ready_and_says_when_to_ask_again(
    client, monkeypatch
):
    def refuse():
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_probe_is_only_asked(path, method):
    answer = Client(enforce_csrf_checks=True).generic(method, path)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert answer.json() == {"error": f'Method "{method}" not allowed.'}
