"""Answers to the probes of whatever runs the service; no token needed."""

from collections.abc import Callable
from functools import wraps

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt


def probe(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Let ``view`` be asked only, and refuse the rest in JSON, where Django would show pages."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD"}:
            return view(request)
        error = {"error": f'Method "{request.method}" not allowed.'}
        return JsonResponse(error, status=405, headers={"Allow": "GET, HEAD"})

    return answer


@probe
def live(_request: HttpRequest) -> JsonResponse:
    """Say that the process answers."""
    return JsonResponse({"status": "live"})


@probe
def ready(_request: HttpRequest) -> JsonResponse:
    """Say whether the process can do its work: 503 while the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse(
            {"status": "the database does not answer"}, status=503, headers={"Retry-After": "5"}
        )
    return JsonResponse({"status": "ready"})
