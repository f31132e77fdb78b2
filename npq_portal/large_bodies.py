"""Bodies larger than any form is (rules 12.4)."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from npq_portal import error_pages


class LargeBodiesMiddleware:
    """Refuse a body that is too large before anything of it is read or written to the disk.

    Put it before what reads forms, as the check against forgery does even of those who have not
    logged in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A body that came without a length has got one by now (ChunkedBodies).
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.LARGEST_FORM:
            return error_pages.too_large(request)
        return self.get_response(request)
