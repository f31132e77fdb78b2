"""A key of Notify that could not work is refused at the start (rules 12.2)."""

import runpy
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured

from npq_portal import settings
from tests.outcomes.fake_notify import API_KEY, TEMPLATE_ID


@pytest.fixture
def start(monkeypatch):
    """Return a function that reads the settings in an environment with the given variables."""

    def read(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with mock.patch("environ.Env.read_env"), mock.patch("structlog.configure"):
            return runpy.run_path(settings.__file__)

    return read


def test_a_key_without_a_template_is_refused(start):
    with pytest.raises(ImproperlyConfigured, match="but NOTIFY_TEMPLATE_ID is not"):
        start(NOTIFY_API_KEY=API_KEY)


def test_what_is_no_key_is_refused_and_not_shown(start):
    with pytest.raises(ImproperlyConfigured, match="is not a key of") as caught:
        start(NOTIFY_API_KEY="short", NOTIFY_TEMPLATE_ID=TEMPLATE_ID)
    assert "short" not in str(caught.value)


def test_with_both_it_starts_with_the_address_of_notify(start):
    read = start(NOTIFY_API_KEY=API_KEY, NOTIFY_TEMPLATE_ID=TEMPLATE_ID)
    assert read["NOTIFY_BASE_URL"] == "https://api.notifications.service.gov.uk"
