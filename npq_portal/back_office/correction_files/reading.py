"""Reading a file of corrections: its rows, or everything that is wrong with it (rules 14.16)."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from uuid import UUID

from npq_portal.clock import parse_day
from npq_portal.identifiers import parse_id
from schedules.csv_rows import CONTROL_CHARACTER, Fault, Row, read_rows

LARGEST_FILE = 1_000_000
"""In bytes; the longest rows that make sense take a third of it."""

MOST_ROWS = 1_000
LONGEST_CELL = 100
"""In characters; the longest identifier that is stored has as many."""

BRITISH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)

Reader = Callable[[str], str]
"""Returns what is kept of a cell that is not empty; raises ValueError that says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: what is in it, for people, and how a cell is read. An optional one may be empty."""

    name: str
    told: str
    example: str
    read: Reader
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row that could be read; ``number`` counts the header as 1. ``values`` go by column."""

    number: int
    record_id: UUID
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """The rows of a file, which count only where there are no ``faults``."""

    rows: list[FileRow]
    faults: list[Fault]


def read_file(content: bytes, columns: Sequence[Column]) -> Reading:
    """Read a CSV file, whose first column of ``columns`` is the id of the record to correct.

    It is UTF-8, with or without a byte order mark, separated by commas or semicolons.
    """
    if len(content) > LARGEST_FILE:
        return _faulty(1, f"the file has more than {LARGEST_FILE:,} bytes.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _faulty(1 + content.count(b"\n", 0, error.start), "is not UTF-8.")
    faults: list[Fault] = []
    rows = list(_good_rows(_rows_of(text, columns, faults), columns, faults))
    if not rows and not faults:
        return _faulty(2, "there is no row to carry out.")
    return Reading(rows, sorted(faults, key=lambda fault: fault.row))


def _faulty(row: int, reason: str) -> Reading:
    return Reading([], [Fault("", row, "", reason)])


def _rows_of(text: str, columns: Sequence[Column], faults: list[Fault]) -> Iterator[Row]:
    """Yield the rows that have a cell which is not empty."""
    header = text.lstrip("\r\n").partition("\n")[0]
    rows = read_rows(
        StringIO(text, newline=""),
        [it.name for it in columns if not it.is_optional],
        faults,
        optional=[it.name for it in columns if it.is_optional],
        delimiter=";" if ";" in header else ",",
    )
    return (row for row in rows if any(row.cells.values()))


def _good_rows(
    rows: Iterable[Row], columns: Sequence[Column], faults: list[Fault]
) -> Iterator[FileRow]:
    about = columns[0].name
    seen: dict[str, int] = {}
    for count, row in enumerate(rows, start=1):
        if count > MOST_ROWS:
            row.fault("", f"the file has more than {MOST_ROWS:,} rows. Split it.")
            return
        values = {it.name: _read_cell(row, it) for it in columns if it.name in row.cells}
        record_id = values.pop(about)
        first = seen.setdefault(record_id, row.number)
        if record_id and first != row.number:
            row.fault(about, f"comes in row {first} already.")
        if row.is_good:
            yield FileRow(row.number, UUID(record_id), values)


def _read_cell(row: Row, column: Column) -> str:
    """Return what is kept of a cell; an empty text where it is empty or faulty."""
    text = row.cells[column.name]
    try:
        return _read_text(text, column)
    except ValueError as fault:
        row.fault(column.name, str(fault))
        return ""


def _read_text(text: str, column: Column) -> str:
    if not text:
        if column.is_optional:
            return ""
        raise ValueError("is missing.")
    if len(text) > LONGEST_CELL:
        raise ValueError(f"has more than {LONGEST_CELL} characters.")
    if CONTROL_CHARACTER.search(text):
        raise ValueError("has a character that cannot be printed.")
    return column.read(text)


def identifier(text: str) -> str:
    """Read the id of a record."""
    parsed = parse_id(text)
    if parsed is None:
        raise ValueError(f"{text!r} is not a UUID.")
    return str(parsed)


def day(text: str) -> str:
    """Read a day, as ISO 8601 writes it or as spreadsheets in Britain do; return the former."""
    british = BRITISH_DAY.fullmatch(text)
    written = "{2}-{1:0>2}-{0:0>2}".format(*british.groups()) if british else text
    if parse_day(written) is None:
        raise ValueError(f"{text!r} is not a day such as 2026-01-31 or 31/01/2026.")
    return written


def year(text: str) -> str:
    """Read a year of four digits."""
    if not (len(text) == 4 and text.isascii() and text.isdigit() and text[0] != "0"):
        raise ValueError(f"{text!r} is not a year of four digits.")
    return text


def yes_or_no(text: str) -> str:
    """Read ``true`` or ``false``; spreadsheets write TRUE."""
    folded = text.lower()
    if folded not in {"true", "false"}:
        raise ValueError(f"{text!r} is neither true nor false.")
    return folded


def one_of(known: Sequence[str]) -> Reader:
    """Return what reads one of the ``known`` words."""

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"{text!r} is none of {', '.join(known)}.")
        return text

    return read
