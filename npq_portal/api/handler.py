"""The way of a program's request past what only people's pages need (ADR 17)."""

from collections.abc import Callable
from typing import Any

from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware

from npq_portal.faults import FaultsMiddleware

BASE = "/api/v1/"


class ApiHandler(BaseHandler):
    """Calls views within the two middlewares that the API needs of those that follow."""

    def __init__(self) -> None:
        view: Any = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        faults = FaultsMiddleware(view)
        self.handle: Any = convert_exception_to_response(CommonMiddleware(view))
        self._view_middleware = [faults.process_view]
        self._exception_middleware = [faults.process_exception]
        self._template_response_middleware: list[Any] = []


class ApiMiddleware:
    """Hand what is below ``BASE`` to views at once, past sessions, forms and log-ins."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.handle = ApiHandler().handle

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(BASE):
            response: HttpResponseBase = self.handle(request)
            return response
        return self.get_response(request)
