"""Who calls the API: bearer tokens (rules 3.2)."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from npq_portal.providers.models import ApiToken, LeadProvider
from npq_portal.providers.services import authenticate

REFUSAL = "Give a usable token: Authorization: Bearer <token>."
"""One sentence for every cause, so that nobody can tell a revoked token from a guess."""


_UNASKED = object()


def token_of(request: HttpRequest) -> ApiToken | None:
    """Return the usable token in ``Authorization: Bearer <token>``, None without one.

    It is looked up once for a request, however many ask.
    """
    token: Any = getattr(request, "api_token", _UNASKED)
    if token is _UNASKED:
        token = request.api_token = _find(request)  # type: ignore[attr-defined]
    found: ApiToken | None = token
    return found


def _find(request: HttpRequest) -> ApiToken | None:
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret.isascii() or not secret:
        return None
    return authenticate(secret=secret, at=timezone.now())


class BearerAuthentication(BaseAuthentication):
    """Read ``Authorization: Bearer <token>``; ``request.auth`` is the token (rules 3.2)."""

    def authenticate(self, request: Request) -> tuple[LeadProvider, ApiToken]:
        token = token_of(request._request)  # noqa: SLF001 - where others look as well
        if token is None:
            raise AuthenticationFailed(REFUSAL)
        return token.lead_provider, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
