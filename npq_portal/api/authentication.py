"""Who calls the API: bearer tokens (rules 3.2)."""

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from npq_portal.providers.models import ApiToken, LeadProvider
from npq_portal.providers.services import authenticate

REFUSAL = "Give a usable token: Authorization: Bearer <token>."
"""One sentence for every cause, so that nobody can tell a revoked token from a guess."""


def token_of(request: HttpRequest) -> ApiToken | None:
    """Return the usable token in ``Authorization: Bearer <token>``, None without one."""
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret.isascii() or not secret:
        return None
    return authenticate(secret=secret, at=timezone.now())


class BearerAuthentication(BaseAuthentication):
    """Read ``Authorization: Bearer <token>``; ``request.auth`` is the token (rules 3.2)."""

    def authenticate(self, request: Request) -> tuple[LeadProvider, ApiToken]:
        token = token_of(request)
        if token is None:
            raise AuthenticationFailed(REFUSAL)
        return token.lead_provider, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
