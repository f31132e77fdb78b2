"""The id of a request, and what is logged of it (rules 3.12, 15.5)."""

import re
from collections.abc import Callable
from uuid import uuid4

import structlog
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

from npq_portal.addresses import client_address
from npq_portal.providers.services import hide_secrets

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)


class RequestIdMiddleware:
    """Give every request an id; put it before LogMiddleware, which logs what is in META."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _WELL_FORMED.fullmatch(given) else str(uuid4())
        request.META["HTTP_X_REQUEST_ID"] = request_id
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class LogMiddleware(RequestMiddleware):
    """Log each request by its path alone, and where it really comes from (rules 15.5).

    A query may hold personal data, such as what somebody searched for.
    """

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        structlog.contextvars.bind_contextvars(ip=client_address(request))

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return hide_secrets(f"{request.method} {request.path}")
