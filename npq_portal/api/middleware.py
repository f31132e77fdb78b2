"""The id of a request (rules 3.12)."""

import re
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from npq_portal.providers.secrets import SECRET

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)


class RequestIdMiddleware:
    """Give every request an id; put it before WatchMiddleware, which logs what is in META."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        is_usable = _WELL_FORMED.fullmatch(given) and not SECRET.search(given)
        request_id = given if is_usable else str(uuid4())
        request.META["HTTP_X_REQUEST_ID"] = request_id
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response
