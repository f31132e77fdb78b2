"""Where a request comes from (rules 15.4)."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the address that a request comes from, None when it is not known.

    Behind a proxy it is the last one in ``X-Forwarded-For``, which the proxy added; those before it
    are whatever the client wrote.
    """
    text: str = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        text = request.headers.get("X-Forwarded-For", text).rpartition(",")[2].strip()
    without_port = text.rpartition(":")[0].strip("[]")
    for candidate in (text, without_port):
        try:
            return str(ip_address(candidate))
        except ValueError:
            continue
    return None


def one_household(address: str) -> str:
    """Return what stands for all the addresses that one client may choose from.

    Of IPv6 that is a network of 64 bits, the least that anybody is given; an IPv4 address, also
    when it is written as one of IPv6, is its own.
    """
    parsed: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ip_network((int(parsed), 64), strict=False))
        parsed = parsed.ipv4_mapped
    return str(parsed)
