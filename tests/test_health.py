import pytest
from django.db import DatabaseError, connection


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
