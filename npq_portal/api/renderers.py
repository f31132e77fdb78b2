"""Answers as JSON (rules 3.4 and 3.5)."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer

from npq_portal.api.negotiation import JSON, JSON_API

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


class JsonApiRenderer(BaseRenderer):
    """The default answer."""

    media_type = JSON_API
    format = "json-api"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str, option=OPTIONS)


class JsonRenderer(JsonApiRenderer):
    """The same, for who prefers plain JSON."""

    media_type = JSON
    format = "json"
