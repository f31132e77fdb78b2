"""Pages of a list and the way to the next (rules 3.6)."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from npq_portal.api.exceptions import BadParameter, repeated
from npq_portal.api.listing import ListingOfProvider, Selection
from npq_portal.api.records import Place, Row
from npq_portal.errors import ErrorCode

PAGE, PER_PAGE, AFTER = "page[page]", "page[per_page]", "page[after]"
DEFAULT_SIZE = 100
LARGEST_SIZE = 3000
LARGEST_OFFSET = 2**62
"""Neither database takes a larger one, and no list is that long."""


def place_key(place: Place) -> str:
    """Return the opaque ``page[after]`` of a place in a list."""
    text = json.dumps([place[0].astimezone(UTC).isoformat(), place[1].hex])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_place(key: str) -> Place:
    """Read a ``page[after]``; raise BadParameter when no list gave it."""
    try:
        padded = key + "=" * (-len(key) % 4)
        instant, identifier = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return datetime.fromisoformat(instant).astimezone(UTC), UUID(identifier)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        sentence = f"{AFTER} is malformed. Take it from the Link header of a list."
        raise BadParameter(AFTER, ErrorCode.INVALID, sentence) from error


def read_number(parameter: str, text: str) -> int:
    """Read a whole number from 1; raise BadParameter for anything else."""
    digits = text.lstrip("0")
    if not (text.isascii() and text.isdigit() and digits):
        sentence = f"{parameter} must be a whole number from 1."
        raise BadParameter(parameter, ErrorCode.INVALID, sentence)
    # More digits than Python converts are as good as any number past the end.
    return int(digits) if len(digits) < 19 else LARGEST_OFFSET


EXAMPLE_PLACE = (
    datetime(2022, 1, 25, 10, 30, tzinfo=UTC),
    UUID("5f0c8c1e-3b7a-4d52-9a60-7e1d2c4b8f93"),
)
PARAMETERS: list[dict[str, Any]] = [
    {
        "name": PAGE,
        "in": "query",
        "description": "The number of the page. A page past the end is empty.",
        "schema": {"type": "integer", "minimum": 1, "default": 1},
        "example": 1,
    },
    {
        "name": PER_PAGE,
        "in": "query",
        "description": f"How many rows a page has; more than {LARGEST_SIZE} counts as that.",
        "schema": {"type": "integer", "minimum": 1, "default": DEFAULT_SIZE},
        "example": DEFAULT_SIZE,
    },
    {
        "name": AFTER,
        "in": "query",
        "description": "An opaque key from the `Link` header of a list: the page that begins "
        f"behind that place. It wins over `{PAGE}`.",
        "schema": {"type": "string"},
        "example": place_key(EXAMPLE_PLACE),
    },
]
"""The description of the three (rules 3.6)."""


class KeysetPagination(BasePagination):
    """Pages over a selection; each begins behind a place, which a number is looked up for."""

    size: int
    next_url: str | None = None

    def page(self, selection: Selection | ListingOfProvider, request: Request) -> list[Row]:
        """Return the rows of the page that a ``request`` without faults asks for."""
        after, offset = self._read(request.query_params)
        if offset:
            after = None if offset > LARGEST_OFFSET else selection.place(number=offset)
            if after is None:
                return []
        rows = selection.page(after=after, most=self.size + 1)
        if len(rows) > self.size:
            rows.pop()
            self.next_url = self._next(request, selection.record.place(rows[-1]))
        return rows

    def faults(self, query: QueryDict) -> list[BadParameter]:
        """Return what is wrong with the page asked for."""
        found = []
        for parameter, read in (
            (PAGE, read_number),
            (PER_PAGE, read_number),
            (AFTER, lambda _parameter, key: read_place(key)),
        ):
            beaten = parameter == PAGE and AFTER in query  # the key wins (rules 3.6)
            if parameter not in query or beaten:
                continue
            try:
                if fault := repeated(query, parameter):
                    raise fault
                read(parameter, str(query[parameter]))
            except BadParameter as error:
                found.append(error)
        return found

    def _read(self, query: QueryDict) -> tuple[Place | None, int]:
        per_page = read_number(PER_PAGE, query.get(PER_PAGE, str(DEFAULT_SIZE)))
        self.size = min(per_page, LARGEST_SIZE)
        if AFTER in query:
            return read_place(str(query[AFTER])), 0
        return None, (read_number(PAGE, query.get(PAGE, "1")) - 1) * self.size

    def _next(self, request: Request, place: Place) -> str:
        query = {
            name: values
            for name, values in request.query_params.lists()
            if name not in {PAGE, AFTER}
        }
        address = request.build_absolute_uri(request.path)
        return f"{address}?{urlencode(query | {AFTER: place_key(place)}, doseq=True)}"

    def get_paginated_response(self, data: Any) -> Response:
        headers = {"Link": f'<{self.next_url}>; rel="next"'} if self.next_url else {}
        return Response({"data": data}, headers=headers)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return PARAMETERS

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "required": ["data"], "properties": {"data": schema}}
