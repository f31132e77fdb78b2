"""Where a request comes from (rules 15.4)."""

import pytest
from django.test import RequestFactory

from npq_portal.addresses import client_address, one_household


@pytest.mark.parametrize(
    ("forwarded", "behind_proxy", "address"),
    [
        ("198.51.100.7", False, "127.0.0.1"),
        ("198.51.100.7", True, "198.51.100.7"),
        ("203.0.113.9, 10.0.0.3", True, "10.0.0.3"),
        ("198.51.100.7:4711", True, "198.51.100.7"),
        ("2001:db8::1", True, "2001:db8::1"),
        ("[2001:db8::1]:4711", True, "2001:db8::1"),
        ("unknown", True, None),
        ("", True, None),
    ],
)
def test_the_address_is_the_proxys_word_only_behind_one(settings, forwarded, behind_proxy, address):
    settings.BEHIND_PROXY = behind_proxy
    request = RequestFactory().get("/", headers={"x-forwarded-for": forwarded})
    assert client_address(request) == address


def test_what_the_client_wrote_itself_is_not_believed(settings):
    settings.BEHIND_PROXY = True
    for made_up in ("192.0.2.1", "192.0.2.2, 192.0.2.3", "x"):
        forwarded = f"{made_up}, 198.51.100.7"
        request = RequestFactory().get("/", headers={"x-forwarded-for": forwarded})
        assert client_address(request) == "198.51.100.7"


def test_a_proxy_that_forwards_no_address_is_the_address_itself(settings):
    settings.BEHIND_PROXY = True
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="10.0.0.3")) == "10.0.0.3"


@pytest.mark.parametrize(
    ("address", "household"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff::2", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::1", "2001:db8:0:2::/64"),
    ],
)
def test_addresses_that_one_client_may_choose_from_are_one(address, household):
    assert one_household(address) == household
