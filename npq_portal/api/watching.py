"""What is logged and counted of a request (rules 18.1, 18.4)."""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from time import perf_counter
from typing import Any

import structlog
from django.conf import settings
from django.contrib.admindocs.views import simplify_regex
from django.core.signals import got_request_exception
from django.db import connection
from django.dispatch import receiver
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from npq_portal.addresses import client_address
from npq_portal.database import is_fault
from npq_portal.metrics import count_request, meters
from npq_portal.providers.models import ApiToken

log = structlog.get_logger(__name__)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
KEPT_OF_USER_AGENT = 200


class AnswerCutOff(ConnectionError):
    """An answer that had begun could not be finished.

    The server logs what ends an answer, word for word: so this is raised instead of the cause.
    """


class Watch:
    """Measures one request, from when it came until its answer has been handed over."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.request_id: str = request.META["HTTP_X_REQUEST_ID"]
        self.start = perf_counter()
        self.queries = 0

    def count(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Count a query, as a wrapper of the connection's."""
        self.queries += 1
        return execute(*arguments)

    def tell(self, status: int) -> None:
        """Log and count what came of the request, whose answer has this ``status``."""
        seconds = perf_counter() - self.start
        method = self.request.method if self.request.method in METHODS else "other"
        route = route_of(self.request)
        token: ApiToken | None = getattr(self.request, "api_token", None)
        log.log(
            _level(status),
            "request",
            request_id=self.request_id,
            method=method,
            route=route,
            status=status,
            provider=str(token.lead_provider_id) if token else None,
            duration_ms=round(seconds * 1000, 1),
            queries=self.queries,
            address=client_address(self.request),
            user_agent=self.request.META.get("HTTP_USER_AGENT", "")[:KEPT_OF_USER_AGENT],
        )
        count_request(
            method=method, route=route, status=status, seconds=seconds, queries=self.queries
        )


class WatchedStream:
    """What is streamed as the answer to a request, which ends when that has ended."""

    def __init__(self, watch: Watch, status: int, content: Iterable[bytes]) -> None:
        self.watch, self.status, self.content = watch, status, iter(content)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with connection.execute_wrapper(self.watch.count):
            try:
                return next(self.content)
            except StopIteration:
                raise
            except Exception:
                log.exception("An answer was cut off.", request_id=self.watch.request_id)
                raise AnswerCutOff from None

    def close(self) -> None:
        """Note that the last of it was handed over, or that nobody wants more."""
        self.watch.tell(self.status)


class WatchMiddleware:
    """Log each request in one line, once it is answered, and count it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        if settings.METRICS_TOKEN:
            meters()  # a folder that cannot be written to is found out at the start

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        watch = Watch(request)
        context = structlog.contextvars.bound_contextvars(request_id=watch.request_id)
        with context, connection.execute_wrapper(watch.count):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse):
            content: Any = response.streaming_content
            response.streaming_content = WatchedStream(watch, response.status_code, content)
        else:
            watch.tell(response.status_code)
        return response


def _level(status: int) -> int:
    if status < 400:
        return logging.INFO
    return logging.WARNING if status < 500 else logging.ERROR


@receiver(got_request_exception, dispatch_uid="npq_portal.api.watching")
def _log_failure(**_signal: Any) -> None:
    """Log what a view outside the API raised; the API and the database's faults tell themselves."""
    error = sys.exc_info()[1]
    if error is not None and not is_fault(error):
        log.error("A request failed.", exc_info=error)


def route_of(request: HttpRequest) -> str | None:
    """Return the pattern that a request's path fits, None for one that is not served.

    The path itself is nobody's to log: it may hold anything, and does hold ids.
    """
    if request.path_info.startswith(settings.STATIC_URL):
        return f"{settings.STATIC_URL}<path>"
    try:
        # What is refused before a view is looked for has a route as well.
        match = request.resolver_match or resolve(request.path_info)
    except Resolver404:
        return None
    return _readable(match.route)


@lru_cache(maxsize=1000)
def _readable(route: str) -> str:
    return simplify_regex(route).replace("\\", "")
