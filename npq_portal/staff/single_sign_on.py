"""Staff who log in with the department's OpenID Connect provider (rules 13.3)."""

import logging
from http import HTTPStatus
from typing import Any

import jwt
import requests
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView

logger = logging.getLogger(__name__)

CLOCKS_DIFFER_BY = 60
"""Seconds that the provider's clock may be off."""

NOT_STARTED_HERE = "This sign-in was not started here, or too long ago."
NOT_COMPLETED = "The sign-on service did not sign you in."
NOT_PROVEN = "What the sign-on service said about you could not be verified."
NOT_VERIFIED = "The sign-on service has not verified your e-mail address."
UNKNOWN = "No member of staff here has your e-mail address. An administrator can add you."
SHARED = "Several accounts have your e-mail address. An administrator can give each one of its own."
INACTIVE = "Your account here has been deactivated. An administrator can activate it."
NOT_STAFF = "Your account is not one of a member of staff."
NO_ANSWER = "The sign-on service did not answer."


class SignOnRefused(Exception):
    """Somebody was not let in; the sentence says why, to them."""

    def __init__(self, sentence: str, status: HTTPStatus = HTTPStatus.FORBIDDEN) -> None:
        super().__init__(sentence)
        self.sentence, self.status = sentence, status


class SignOnBackend(OIDCAuthenticationBackend):
    """Finds the member of staff whom the provider vouches for, and makes nobody."""

    def authenticate(
        self, request: HttpRequest | None, nonce: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return who came back from the provider; raise SignOnRefused when nobody can be let in."""
        if nonce is None:  # a log-in with a password, which is another backend's
            return None
        try:
            user: User | None = super().authenticate(request, nonce=nonce, **kwargs)
        except requests.RequestException as error:
            raise SignOnRefused(NO_ANSWER, HTTPStatus.BAD_GATEWAY) from error
        return user

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """Return the claims of an ID token that the provider signed, for us, in this sign-in."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self.retrieve_matching_jwk(token),
                algorithms=[self.OIDC_RP_SIGN_ALGO],
                audience=self.OIDC_RP_CLIENT_ID,
                issuer=settings.OIDC_OP_ISSUER,
                leeway=CLOCKS_DIFFER_BY,
                options={"require": ["aud", "exp", "iat", "iss", "nonce", "sub"]},
            )
        except (jwt.PyJWTError, SuspiciousOperation, KeyError) as error:
            raise SignOnRefused(NOT_PROVEN) from error
        if claims["nonce"] != kwargs["nonce"]:
            raise SignOnRefused(NOT_PROVEN)
        return claims

    def get_or_create_user(
        self, access_token: str, id_token: str, payload: dict[str, Any]
    ) -> User | None:
        """Return the member of staff with the e-mail address that the provider has verified."""
        claims = self.get_userinfo(access_token, id_token, payload)
        if claims.get("sub") != payload["sub"]:
            raise SignOnRefused(NOT_PROVEN)
        if claims.get("email_verified") is not True:
            raise SignOnRefused(NOT_VERIFIED)
        return find_member(str(claims.get("email", "")))

    def get_user(self, user_id: int) -> User | None:
        """Return the user of a session, unless deactivated since."""
        return ModelBackend.get_user(self, user_id)


def find_member(email: str) -> User:
    """Return the active member of staff with this e-mail address, in whichever case.

    Only plain letters are compared: among others, databases take some for one another that differ.
    Raises SignOnRefused when there is none, or more than one.
    """
    is_plain = bool(email) and email.isascii() and email.isprintable()
    members = User.objects.filter(email__iexact=email) if is_plain else User.objects.none()
    known = [member for member in members if member.email.isascii()]
    if not known:
        raise SignOnRefused(UNKNOWN)
    if len(known) > 1:
        raise SignOnRefused(SHARED)
    member = known[0]
    if not member.is_active:
        raise SignOnRefused(INACTIVE)
    if not member.is_staff:
        raise SignOnRefused(NOT_STAFF)
    return member


@method_decorator(never_cache, name="dispatch")
class CallbackView(OIDCAuthenticationCallbackView):
    """Where the provider sends people back to. Whoever is logged in stays so when it is refused."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Let in who comes back from a sign-in that this session started."""
        started, state = request.session.get("oidc_states", {}), request.GET.get("state")
        if state not in started:
            return self._refuse(SignOnRefused(NOT_STARTED_HERE))
        # The package would log out whoever is logged in.
        if request.GET.get("error"):
            del started[state]
            request.session["oidc_states"] = started
            return self.login_failure()
        try:
            answer: HttpResponse = super().get(request)
        except SignOnRefused as refused:
            return self._refuse(refused)
        return answer

    def login_failure(self) -> HttpResponse:
        return self._refuse(SignOnRefused(NOT_COMPLETED))

    def _refuse(self, refused: SignOnRefused) -> HttpResponse:
        logger.warning("Single sign-on was refused: %s", refused.sentence)
        context = {
            **admin.site.each_context(self.request),
            "title": "You are not signed in",
            "reason": refused.sentence,
        }
        return TemplateResponse(
            self.request, "staff/sign_on_refused.html", context, status=refused.status
        )


class SignOutView(RedirectView):
    """Leads on to the provider's own log-out, once the back office's is done.

    A link, since the content security policy lets no form lead to another site.
    """

    def get_redirect_url(self, *_args: Any, **_kwargs: Any) -> str:
        back = self.request.build_absolute_uri(reverse("admin:index"))
        query = {"client_id": settings.OIDC_RP_CLIENT_ID, "post_logout_redirect_uri": back}
        return f"{settings.OIDC_OP_LOGOUT_ENDPOINT}?{urlencode(query)}"
