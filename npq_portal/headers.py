"""What every answer asks of browsers and of caches (rules 18.5)."""

from collections.abc import Callable

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

SHOWN_BY_DEBUG = {404, 500}
"""With DEBUG Django explains these on pages whose styles no policy of ours allows."""


class HeadersMiddleware(SecurityMiddleware):
    """Django's own headers on every answer, static files and refused hosts included, and more.

    It redirects nobody: that is up to Django's SecurityMiddleware further in, whose own answers
    would go without what is set in there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self.redirect = False
        self.content_policy = build_policy()  # no view has one of its own
        self.headers = {
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": ", ".join(f"{each}=()" for each in settings.PERMISSIONS_POLICY),
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
            "Cache-Control": "no-store",  # but for what says otherwise, as static files do
        }

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        for name, value in self.headers.items():
            response.setdefault(name, value)
        if not (settings.DEBUG and response.status_code in SHOWN_BY_DEBUG):
            response.setdefault("Content-Security-Policy", self.content_policy)
        return super().process_response(request, response)
