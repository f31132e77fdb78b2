"""Who calls the API: bearer tokens (rules 3.2)."""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from npq_portal.providers.models import ApiToken, LeadProvider
from npq_portal.providers.services import authenticate

REFUSAL = "Give a usable token: Authorization: Bearer <token>."
"""One sentence for every cause, so that nobody can tell a revoked token from a guess."""


class BearerAuthentication(BaseAuthentication):
    """Read ``Authorization: Bearer <token>``; ``request.auth`` is the token (rules 3.2)."""

    def authenticate(self, request: Request) -> tuple[LeadProvider, ApiToken]:
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        secret = secret.strip()
        token = None
        if scheme.lower() == b"bearer" and secret.isascii() and secret:
            token = authenticate(secret=secret.decode("ascii"), at=timezone.now())
        if token is None:
            raise AuthenticationFailed(REFUSAL)
        return token.lead_provider, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
