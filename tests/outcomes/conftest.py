import itertools
from datetime import timedelta
from io import StringIO
from unittest import mock

import pytest
import time_machine
from django.core.management import call_command

from declarations.models import Declaration
from declarations.signals import declaration_voided
from outcomes.models import Notification
from outcomes.rules import TIMEOUT
from outcomes.services import record_first_outcome
from tests.outcomes.fake_notify import API_KEY, TEMPLATE_ID, FakeNotify
from tests.outcomes.rows import AT, BY, completed


@pytest.fixture
def notify(settings, monkeypatch):
    """A Notify that the service is configured for."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with FakeNotify() as fake:
        settings.NOTIFY_API_KEY = API_KEY
        settings.NOTIFY_TEMPLATE_ID = TEMPLATE_ID
        settings.NOTIFY_BASE_URL = fake.url
        yield fake


@pytest.fixture
def owe():
    """Return a function that retracts the pass of a new participant, who is owed a message."""
    numbers = itertools.count(1)

    def retract() -> Notification:
        declaration = completed(next(numbers))
        record_first_outcome(declaration=declaration, by=BY, at=AT - timedelta(days=1))
        declaration_voided.send(sender=Declaration, declaration=declaration, by=BY, at=AT)
        return Notification.objects.get(outcome__declaration=declaration)

    return retract


@pytest.fixture
def send():
    """Return a function that sends what is due at an instant.

    Notify has ``patience`` seconds to answer, which matters where it never does.
    """

    def send_once(at, patience=TIMEOUT):
        with time_machine.travel(at, tick=False), mock.patch("outcomes.channels.TIMEOUT", patience):
            call_command("send_notifications", once=True, stderr=StringIO())

    return send_once
