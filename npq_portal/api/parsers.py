"""Bodies of requests (rules 3.3)."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from npq_portal.api.chunked_bodies import MAX_BYTES
from npq_portal.api.exceptions import BadBody, TooLarge
from npq_portal.api.negotiation import JSON, JSON_API

NO_JSON = "Send a body that is JSON in UTF-8."


def _refuse_constant(text: str) -> None:
    raise ValueError(text)


def _whole_number(text: str) -> int | float:
    # Python refuses integers of thousands of digits; as values they are merely wrong.
    return int(text) if len(text) <= 300 else float(text)


def parse_json(body: bytes) -> Any:
    """Read strict JSON in UTF-8; raise BadBody for anything else."""
    try:
        return json.loads(
            body.decode("utf-8"), parse_constant=_refuse_constant, parse_int=_whole_number
        )
    except (ValueError, RecursionError) as error:
        raise BadBody(NO_JSON) from error


class JsonApiParser(JSONParser):
    """JSON of at most 1 MB.

    A JSONParser because REST framework leaves what these read to be read again, by the journal of
    requests (rules 13.5).
    """

    media_type = JSON_API

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise TooLarge
        return parse_json(body)


class JsonParser(JsonApiParser):
    """The same, sent as plain JSON."""

    media_type = JSON


def attributes_of(request: Request) -> dict[str, Any]:
    """Return ``data.attributes`` of the body; raise BadBody when it is not of that form."""
    body = request.data
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise BadBody('Send an object whose "data" is an object.')
    attributes = data.get("attributes")
    if not isinstance(attributes, dict):
        raise BadBody('Send "data" whose "attributes" is an object.')
    return attributes
