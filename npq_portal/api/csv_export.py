"""Lists as CSV (rules 3.13)."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from npq_portal.api.records import Record

CHUNK = 2000
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that returns what is written, so that it can be streamed."""

    def write(self, text: str) -> str:
        return text


def cell(value: Any) -> str:
    """Return ``value`` as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = str(value)
    if isinstance(value, Decimal):  # a number runs nothing, whatever its sign
        return text
    return f"'{text}" if text.startswith(_RUN_BY_SPREADSHEETS) else text


def csv_response(record: type[Record], queryset: QuerySet[Any, Any]) -> StreamingHttpResponse:
    """Stream the records of ``queryset``."""
    return stream_csv(_rows(record, queryset))


def _rows(record: type[Record], queryset: QuerySet[Any, Any]) -> Iterator[Iterable[Any]]:
    yield ["id", *record.attributes]
    rows = queryset.order_by(*record.key).values_list(*record.sources())
    yield from rows.iterator(chunk_size=CHUNK)


def stream_csv(rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """Stream ``rows``, the header first, as they come."""
    writer = csv.writer(_Echo())
    lines = (writer.writerow([cell(value) for value in row]) for row in rows)
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")


def download_csv(rows: Iterable[Iterable[Any]], name: str) -> StreamingHttpResponse:
    """Stream ``rows`` as a file that the browser keeps under this ``name``."""
    response = stream_csv(rows)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
