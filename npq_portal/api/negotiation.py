"""Which of the media types an answer takes (rules 3.4)."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache

from django.http.request import MediaType
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

JSON_API = "application/vnd.api+json"
JSON = "application/json"
REFUSAL = f"Accept {JSON_API} or {JSON}."


@lru_cache(maxsize=100)  # clients send few
def preferred_type(accept: str) -> str | None:
    """Return the media type that an ``Accept`` header prefers; None when it allows neither.

    Of the ranges that cover a type, the one that names it most closely tells its quality, so that
    ``application/vnd.api+json;q=0, */*`` asks for JSON. With the same quality, a type that is named
    beats one that only a wildcard allows: ``application/json, text/plain, */*`` asks for JSON too.
    Parameters such as ``charset`` say nothing about either type.
    """
    ranges = list(_ranges(accept or "*/*"))

    def rank(media_type: str) -> tuple[float, int]:
        covering = [it for it in ranges if _covers(it, MediaType(media_type))]
        closest = max(covering, key=lambda it: it.specificity, default=None)
        return (closest.quality, min(closest.specificity, 2)) if closest else (0, 0)

    best = max((JSON_API, JSON), key=rank)  # the first of two that rank the same
    return best if rank(best)[0] > 0 else None


def _ranges(accept: str) -> Iterator[MediaType]:
    for text in accept.split(","):
        with suppress(ValueError):  # Django gives up on some parameters
            yield MediaType(text)


def _covers(wanted: MediaType, given: MediaType) -> bool:
    return wanted.main_type in {"*", given.main_type} and wanted.sub_type in {"*", given.sub_type}


class QualityNegotiation(DefaultContentNegotiation):
    """Read the two headers of media types by the letter, as REST framework does not."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        wanted = preferred_type(request.META.get("HTTP_ACCEPT", "*/*"))
        for renderer in renderers:
            if renderer.media_type == wanted:
                return renderer, renderer.media_type
        raise NotAcceptable(REFUSAL)

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """Take a body by its very type: REST framework would take one that is of ``*/*``."""
        given = str(request.content_type).partition(";")[0].strip().lower()
        return next((it for it in parsers if it.media_type == given), None)
