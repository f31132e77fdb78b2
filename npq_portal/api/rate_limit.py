"""How many requests a token may send, and an address without one (rules 15.1 to 15.4)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from npq_portal.addresses import client_address, one_household
from npq_portal.api.authentication import token_of
from npq_portal.api.exceptions import busy, in_one_sentence
from npq_portal.api.handler import BASE
from npq_portal.database import is_fault
from npq_portal.providers.counting import Counter
from npq_portal.providers.rules import WINDOW, Standing

TOO_MANY = "That was more than {limit} requests in five minutes. Try again in {seconds} seconds."


@dataclass(frozen=True, slots=True)
class Policy:
    """A limit, by its name in headers, and how those are known whom it counts."""

    name: str
    limit: int
    caller: str

    def headers(self, standing: Standing) -> dict[str, str]:
        """Return what every answer says of the limit and of what is left of it."""
        window = int(WINDOW.total_seconds())
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.limit};w={window}',
            "RateLimit": f'"{self.name}";r={standing.remaining};t={standing.seconds}',
        }


def policy_for(request: HttpRequest) -> Policy:
    """Return the limit that holds for a request: its token's, or without one its address's."""
    token = token_of(request)
    if token is not None:
        return Policy("token", settings.API_RATE_LIMIT, f"token {token.pk}")
    address = client_address(request)
    household = "unknown" if address is None else one_household(address)
    return Policy("address", settings.API_ANONYMOUS_RATE_LIMIT, f"address {household}")


class RateLimitMiddleware:
    """Count each request to the API, and refuse it before anything else when there were too many.

    There is one of these in a process.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.counter = Counter()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_limited = settings.API_RATE_LIMIT or settings.API_ANONYMOUS_RATE_LIMIT
        if not is_limited or not request.path_info.startswith(BASE):
            return self.get_response(request)
        try:
            policy = policy_for(request)
            if not policy.limit:
                return self.get_response(request)
            standing = self.counter.take(
                caller=policy.caller, limit=policy.limit, at=timezone.now()
            )
        except Error as error:
            if not is_fault(error):
                raise
            return busy(request, error)
        response = self.get_response(request) if standing.passes else _refuse(request, standing)
        for name, value in policy.headers(standing).items():
            response[name] = value
        return response


def _refuse(request: HttpRequest, standing: Standing) -> HttpResponse:
    seconds = str(standing.seconds)
    sentence = TOO_MANY.format(limit=f"{standing.limit:,}", seconds=seconds)
    return in_one_sentence(request, sentence, status=429, retry_after=seconds)
