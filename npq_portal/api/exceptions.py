"""From errors to answers: the only table of them (rules 3.8 to 3.11)."""

import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions as drf
from rest_framework.response import Response

from npq_portal.api.negotiation import JSON_API, preferred_type
from npq_portal.api.renderers import JsonApiRenderer
from npq_portal.database import is_fault, is_rolled_back, reason_of
from npq_portal.errors import BASE, ErrorCode, MergedAway, NotFound, Refusal, Refused

logger = logging.getLogger(__name__)

NOT_FOUND = "There is nothing here."
BAD_REQUEST = "The request could not be read."
FAILED = "Something went wrong on our side. Quote the X-Request-ID when you ask about it."
BUSY = "The service is busy. Try again in a moment."
RETRY_AFTER = "5"
FAULT = "The database failed a request: %s."
TOO_LARGE = "Send a body of at most {:,} bytes."
READ_ONLY = "This token may only read. Ask for one that may write."
TRIES_LEFT = "npq_portal.tries_left"
"""Where a request's META says how often its view may be called again (rules 16.3)."""


class BadParameter(Exception):
    """A query parameter that is unknown or malformed."""

    def __init__(self, parameter: str, code: ErrorCode, sentence: str) -> None:
        super().__init__(sentence)
        self.parameter, self.code, self.sentence = parameter, code, sentence


def repeated(query: QueryDict, parameter: str) -> BadParameter | None:
    """Return what is wrong with a ``parameter`` that is given several times: none of them wins."""
    if len(query.getlist(parameter)) < 2:
        return None
    sentence = "Give it once; where it takes several values, separate them by commas."
    return BadParameter(parameter, ErrorCode.INVALID, sentence)


class BadParameters(Exception):
    """Several query parameters that are wrong, told together (rules 3.10)."""

    def __init__(self, errors: Iterable[BadParameter]) -> None:
        super().__init__()
        self.errors = tuple(errors)


class BadBody(Exception):
    """A body that is wrong as a whole."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class TooLarge(drf.APIException):
    """A body larger than is read (rules 3.3)."""

    status_code = 413
    default_detail = "Send a body of at most 1 MB."
    default_code = "too-large"


def _entry(title: str, code: ErrorCode, sentence: str, source: dict[str, str]) -> dict[str, Any]:
    return {"title": title, "detail": sentence, "code": str(code), "source": source}


def _refusal(refusal: Refusal) -> dict[str, Any]:
    of_base = refusal.attribute == BASE
    pointer = "/data" if of_base else f"/data/attributes/{refusal.attribute}"
    return _entry(refusal.attribute, refusal.code, refusal.sentence, {"pointer": pointer})


def _parameter(error: BadParameter) -> dict[str, Any]:
    source = {"parameter": error.parameter}
    return _entry(error.parameter, error.code, error.sentence, source)


def _bad_request(sentence: str) -> dict[str, Any]:
    return {"errors": [_entry(BASE, ErrorCode.BAD_REQUEST, sentence, {"pointer": ""})]}


def answer_errors(error: Exception) -> Response | None:
    """Return the answer to errors that are told as a list, None to others (rules 3.10)."""
    if isinstance(error, Refused):
        return Response({"errors": [_refusal(each) for each in error.refusals]}, status=422)
    if isinstance(error, BadParameter):
        error = BadParameters([error])
    if isinstance(error, BadParameters):
        return Response({"errors": [_parameter(each) for each in error.errors]}, status=400)
    if isinstance(error, SuspiciousOperation):  # Django's own limits, such as on parameters
        error = BadBody(BAD_REQUEST)
    if isinstance(error, BadBody):
        return Response(_bad_request(error.sentence), status=400)
    return None


def _api_exception(error: drf.APIException) -> Response:
    headers = {}
    if isinstance(error, drf.AuthenticationFailed | drf.NotAuthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return Response({"error": str(error.detail)}, status=error.status_code, headers=headers)


def _answer(error: Exception) -> Response:
    if isinstance(error, MergedAway):
        return Response({"error": str(error)}, status=410)
    if isinstance(error, NotFound | Http404 | drf.NotFound):
        return Response({"error": NOT_FOUND}, status=404)
    if isinstance(error, PermissionDenied):
        error = drf.PermissionDenied()
    if isinstance(error, drf.APIException):
        return _api_exception(error)
    if is_fault(error):
        logger.warning(FAULT, reason_of(error))
        return Response({"error": BUSY}, status=503, headers={"Retry-After": RETRY_AFTER})
    logger.error("A request failed.", exc_info=error)
    return Response({"error": FAILED}, status=500)


def answer_exception(error: Exception, context: dict[str, Any]) -> Response:
    """Answer whatever a view raised; REST framework calls this.

    Raises it again where the view is going to be tried again (rules 16.3).
    """
    from rest_framework.views import set_rollback  # those views import this module

    set_rollback()
    if is_rolled_back(error) and context["request"].META.get(TRIES_LEFT):
        raise error
    return answer_errors(error) or _answer(error)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Answer 400 outside the API's views."""
    return JsonResponse(_bad_request(BAD_REQUEST), status=400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Answer 404 outside the API."""
    return JsonResponse({"error": NOT_FOUND}, status=404)


def too_large(request: HttpRequest) -> JsonResponse:
    """Answer 413 outside the API, whose own bodies its parsers refuse."""
    return JsonResponse({"error": TOO_LARGE.format(settings.LARGEST_FORM)}, status=413)


def in_one_sentence(
    request: HttpRequest, sentence: str, *, status: int, retry_after: str | None = None
) -> HttpResponse:
    """Answer outside REST framework's views, to the byte as it would."""
    wanted = preferred_type(request.headers.get("Accept", "*/*")) or JSON_API
    body = JsonApiRenderer().render({"error": sentence})
    headers = {"Vary": "Accept"}
    if retry_after is not None:
        headers["Retry-After"] = retry_after
    return HttpResponse(body, content_type=wanted, status=status, headers=headers)


def busy(request: HttpRequest, fault: BaseException) -> HttpResponse:
    """Answer 503 for a fault of the database that was met outside REST framework's views."""
    logger.warning(FAULT, reason_of(fault))
    return in_one_sentence(request, BUSY, status=503, retry_after=RETRY_AFTER)


@csrf_exempt  # or Django would refuse a write with a page before this is asked
def unknown_path(request: HttpRequest) -> HttpResponse:
    """Answer 404 for a path that the API does not have, to the byte as for a record (rules 3.9)."""
    return in_one_sentence(request, NOT_FOUND, status=404)


def server_error(request: HttpRequest) -> JsonResponse:
    """Answer 500 outside the API's views."""
    return JsonResponse({"error": FAILED}, status=500)
