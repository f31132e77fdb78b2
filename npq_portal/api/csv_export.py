"""Lists as CSV (rules 3.13)."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from npq_portal.api.records import Record
from npq_portal.expressions import RUN_BY_SPREADSHEETS, Cell
from npq_portal.prepared import copying

CONTENT_TYPE = "text/csv; charset=utf-8"
CHUNK = 2000
BLOCK = 1 << 17
LONGEST_EXPORT = 900
"""Seconds within which a client has to take it all; it holds a connection meanwhile."""


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
    return f"'{text}" if text.startswith(RUN_BY_SPREADSHEETS) else text


def csv_response(record: type[Record], queryset: QuerySet[Any, Any]) -> StreamingHttpResponse:
    """Stream the records of ``queryset``, as a browser or a client takes them."""
    stream = copied if connection.vendor == "postgresql" else written
    return StreamingHttpResponse(stream(record, queryset), content_type=CONTENT_TYPE)


def _header(record: type[Record]) -> list[str]:
    return ["id", *record.attributes]


def written(record: type[Record], queryset: QuerySet[Any, Any]) -> Iterator[str]:
    """Yield the lines of the records of ``queryset``, a chunk of which is held at a time."""
    rows = queryset.order_by(*record.key).values_list(*record.sources())
    return _lines(chain([_header(record)], rows.iterator(chunk_size=CHUNK)))


def copied(record: type[Record], queryset: QuerySet[Any, Any]) -> Iterator[bytes]:
    """Yield in blocks what PostgreSQL writes, so that no row becomes an object here."""
    cells = [Cell(it) for it in record.sources()]
    block = bytearray(f"{','.join(_header(record))}\r\n".encode())
    with transaction.atomic(), connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST_EXPORT}s'")
        with cursor.copy(copying(queryset.order_by(*record.key).values_list(*cells))) as copy:
            for line in copy:
                block += line[:-1]
                block += b"\r\n"
                if len(block) > BLOCK:
                    yield bytes(block)
                    block.clear()
    yield bytes(block)


def stream_csv(rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """Stream ``rows``, the header first, as they come."""
    return StreamingHttpResponse(_lines(rows), content_type=CONTENT_TYPE)


def _lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    return (writer.writerow([cell(value) for value in row]) for row in rows)


def download_csv(rows: Iterable[Iterable[Any]], name: str) -> StreamingHttpResponse:
    """Stream ``rows`` as a file that the browser keeps under this ``name``."""
    response = stream_csv(rows)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
