"""What the limits are when nothing, or something wrong, is set (rules 12.2, 15.1)."""

import runpy
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured

from npq_portal import settings


@pytest.fixture
def limits(monkeypatch):
    """Return a function that reads the two limits in an environment with the given ones."""
    names = ("API_RATE_LIMIT", "API_ANONYMOUS_RATE_LIMIT")

    def read(*given):
        for name, value in zip(names, (*given, None, None), strict=False):
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        with mock.patch("environ.Env.read_env"), mock.patch("structlog.configure"):
            values = runpy.run_path(settings.__file__)
        return tuple(values[name] for name in names)

    return read


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), (1000, 300)),
        (("50",), (50, 50)),
        (("0",), (0, 0)),
        (("5000",), (5000, 300)),
        (("1000", "0"), (1000, 0)),
        (("0", "20"), (0, 20)),
    ],
)
def test_the_limit_of_addresses_follows_that_of_tokens_unless_it_is_set(limits, given, expected):
    assert limits(*given) == expected


@pytest.mark.parametrize("given", [("-1",), ("1000", "-1")])
def test_a_limit_below_none_is_refused(limits, given):
    with pytest.raises(ImproperlyConfigured, match="is less than 0"):
        limits(*given)
