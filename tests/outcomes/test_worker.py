"""The worker that goes on until it is told to stop (rules 11.13)."""

import signal
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import InterfaceError, OperationalError, connection

from outcomes.management.commands import send_notifications
from outcomes.management.commands.send_notifications import StopSignals
from outcomes.models import Notification

# The worker closes connections as between requests, which a test's transaction would not survive.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pauses(monkeypatch):
    """How long the worker pauses each time, which takes no time."""
    pauses = []
    wait = StopSignals.wait

    def note(stop, seconds):
        pauses.append(seconds)
        return wait(stop, 0)

    monkeypatch.setattr(StopSignals, "wait", note)
    return pauses


def work():
    errors = StringIO()
    call_command("send_notifications", stderr=errors)
    return errors.getvalue()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_finishes_the_message_in_hand(owe, monkeypatch, told):
    owe()
    owe()
    send = mail.EmailMessage.send

    def send_and_be_told(message):
        signal.raise_signal(told)
        return send(message)

    monkeypatch.setattr(mail.EmailMessage, "send", send_and_be_told)
    handler = signal.getsignal(told)
    assert work().endswith("Stopped.\n")
    assert len(mail.outbox) == 1
    assert Notification.objects.filter(state="sent").count() == 1
    assert signal.getsignal(told) == handler


def test_told_to_stop_while_idle_it_stops_at_once(pauses, monkeypatch):
    def nothing_is_due(**_):
        if len(pauses) == 3:
            signal.raise_signal(signal.SIGTERM)
        return False

    monkeypatch.setattr(send_notifications, "send_next", nothing_is_due)
    work()
    assert pauses == [0, 1, 1, 1]


def test_while_the_database_is_away_it_waits_longer_each_time_and_then_goes_on(
    pauses, monkeypatch, caplog
):
    faults = [*[OperationalError("secret")] * 6, InterfaceError("secret"), None, OperationalError()]

    def send_next(**_):
        fault = faults.pop(0)
        if not faults:
            signal.raise_signal(signal.SIGTERM)
        if fault:
            raise fault
        return True

    monkeypatch.setattr(send_notifications, "send_next", send_next)
    monkeypatch.setattr(connection, "close", lambda: None)
    work()
    assert pauses == [0, 1, 2, 4, 8, 16, 30, 30, 0, 1]
    assert "database_away" in caplog.text
    assert "secret" not in caplog.text


def test_once_without_a_database_says_so(monkeypatch):
    def send_next(**_):
        raise OperationalError("secret")

    monkeypatch.setattr(send_notifications, "send_next", send_next)
    with pytest.raises(CommandError, match=r"^The database does not answer\.$") as caught:
        call_command("send_notifications", once=True, stderr=StringIO())
    assert caught.value.returncode == 1
