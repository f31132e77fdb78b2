"""Which of the media types an answer takes (rules 3.4)."""

from collections.abc import Iterable

from django.http import HttpRequest
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

JSON_API = "application/vnd.api+json"
JSON = "application/json"
REFUSAL = f"Accept {JSON_API} or {JSON}."


def preferred_type(accept: str) -> str | None:
    """Return the media type that an ``Accept`` header prefers; None when it allows neither.

    A type that is named beats one that only a wildcard allows with the same quality:
    ``application/json, text/plain, */*`` asks for JSON.
    """
    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = accept or "*/*"
    best = request.get_preferred_type([JSON_API, JSON])
    if best != JSON_API:
        return best
    by_json_api, by_json = request.accepted_type(JSON_API), request.accepted_type(JSON)
    if by_json_api is None or by_json is None:
        return best
    same_quality = by_json_api.quality == by_json.quality
    return JSON if same_quality and by_json.specificity > by_json_api.specificity else best


class QualityNegotiation(DefaultContentNegotiation):
    """Heed the qualities of the ``Accept`` header, which REST framework ignores."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        wanted = preferred_type(request.headers.get("Accept", "*/*"))
        for renderer in renderers:
            if renderer.media_type == wanted:
                return renderer, renderer.media_type
        raise NotAcceptable(REFUSAL)
