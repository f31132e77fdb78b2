"""What a request does when the database fails it (rules 16)."""

import logging
from collections.abc import Callable, Mapping, Sequence
from random import uniform
from time import sleep
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from npq_portal.api import exceptions
from npq_portal.audiences import is_for_people
from npq_portal.database import is_fault, is_rolled_back, reason_of

logger = logging.getLogger(__name__)

TRIES = 4
LONGEST_PAUSE = 0.1
"""Seconds, at most, before the first retry; twice as long before each further one."""


class FaultsMiddleware:
    """Retry what was rolled back, answer 503 for the database's other faults (rules 16.1, 16.3).

    Put it last: it calls the view itself, so all others must have had their say.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> HttpResponse:
        """Answer as the view does, or with what a fault comes to once no try is left."""
        for tries_left in reversed(range(TRIES)):
            request.META[exceptions.TRIES_LEFT] = tries_left
            try:
                return view(request, *args, **kwargs)
            except Exception as error:
                if is_rolled_back(error) and tries_left:
                    _pause(TRIES - tries_left)
                    _begin_anew(request)
                elif is_fault(error):
                    return answer_fault(request, error)
                else:
                    raise
        raise AssertionError("The last try answers or raises.")

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a fault that comes when a page is rendered; leave others to Django."""
        return answer_fault(request, error) if is_fault(error) else None


def _pause(tried: int) -> None:
    """Wait a little, by chance: rivals that met once would meet again after the same pause."""
    logger.info("A transaction was rolled back and is tried again.")
    sleep(uniform(0, LONGEST_PAUSE * 2 ** (tried - 1)))  # noqa: S311 - no secret


def _begin_anew(request: HttpRequest) -> None:
    """Let the files that came with the request be read from their beginning again."""
    for _field, files in request.FILES.lists():
        for file in files:
            file.seek(0)


def answer_fault(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Answer 503: JSON to programs, a page to people (rules 16.1)."""
    if not is_for_people(request):
        return exceptions.busy(request, error)
    logger.warning(exceptions.FAULT, reason_of(error))
    headers = {"Retry-After": exceptions.RETRY_AFTER}
    return HttpResponse(render_to_string("back_office/busy.html"), status=503, headers=headers)


def fault_behind(error: BaseException | None) -> BaseException | None:
    """Return the database's fault that ``error`` is or was raised for, None without one."""
    while error is not None and not is_fault(error):
        error = error.__context__
    return error
