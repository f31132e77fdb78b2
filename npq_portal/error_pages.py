"""What is answered where no view does: JSON to programs, pages to people (rules 3.10, 13.10)."""

import sys
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from npq_portal.api import exceptions
from npq_portal.audiences import is_for_people
from npq_portal.faults import answer_fault, fault_behind


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400, or 503 when it is the database's fault (rules 16.1).

    Django takes a session that could not be saved for one that somebody else ended.
    """
    fault = fault_behind(exception)
    if fault:
        return answer_fault(request, fault)
    return _page(request, 400) or exceptions.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404."""
    return _page(request, 404) or exceptions.not_found(request, exception)


def too_large(request: HttpRequest) -> HttpResponse:
    """Answer 413."""
    return _page(request, 413) or exceptions.too_large(request)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 when a middleware met the database's fault (rules 16.1)."""
    fault = fault_behind(sys.exc_info()[1])
    if fault:
        return answer_fault(request, fault)
    return _page(request, 500) or exceptions.server_error(request)


class NotAllowedMiddleware:
    """Says in a page what Django's views answer with an empty 405, which browsers replace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not answer.content:
            page = _page(request, HTTPStatus.METHOD_NOT_ALLOWED)
            answer.content = page.content if page is not None else b""
        return answer


def _page(request: HttpRequest, status: int) -> HttpResponse | None:
    """Return the page that tells people of an error, None where a program asked."""
    if not is_for_people(request):
        return None
    # Without the request itself: nothing that is asked of the database can fail as well.
    page = render_to_string(f"{status}.html", {"request_id": request.META["HTTP_X_REQUEST_ID"]})
    return HttpResponse(page, status=status)
