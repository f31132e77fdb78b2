"""Rows of CSV files, read cell by cell; what is wrong is noted, not raised (rules 2.6)."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from npq_portal.clock import parse_day

_MONEY = re.compile(r"\d{1,7}(\.\d{2})?", re.ASCII)
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")

ENCODING, UNDECODED = "utf-8-sig", "surrogateescape"
"""How files are opened, so that what is not UTF-8 is told by its row and column."""

LONGEST_CELL = 1_000_000
"""Characters up to which a cell is read; who reads it says how many there may be."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a ``row``, the header being row 1, in a ``column`` if it is in one.

    ``file`` is empty where there is one file only.
    """

    file: str
    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.file} row {self.row}".lstrip()
        return (
            f"{place}, {self.column}: {self.reason}" if self.column else f"{place}: {self.reason}"
        )


@dataclass(slots=True)
class Row:
    """One row of a file; each faulty cell adds to ``faults``."""

    file: str
    number: int
    cells: dict[str, str]
    faults: list[Fault]
    is_good: bool = field(default=True, init=False)

    def fault(self, column: str, reason: str) -> None:
        """Note what is wrong with the cell in ``column``."""
        self.faults.append(Fault(self.file, self.number, column, reason))
        self.is_good = False

    def text(self, column: str, max_length: int) -> str:
        """Read a text of 1 to ``max_length`` characters."""
        value = self.cells[column]
        if not 1 <= len(value) <= max_length:
            self.fault(column, f"has to have 1 to {max_length} characters.")
        elif CONTROL_CHARACTER.search(value):
            self.fault(column, "has a character that cannot be printed.")
        return value

    def year(self, column: str) -> int:
        """Read a year of four digits."""
        value = self.cells[column]
        if len(value) == 4 and value.isascii() and value.isdigit() and value[0] != "0":
            return int(value)
        self.fault(column, f"{value!r} is not a year of four digits.")
        return 0

    def money(self, column: str) -> Decimal:
        """Read an amount of pounds above zero, with pence or without."""
        value = self.cells[column]
        if _MONEY.fullmatch(value) and (amount := Decimal(value)):
            return amount
        self.fault(column, f"{value!r} is not an amount of pounds such as 812.50.")
        return Decimal(0)

    def flag(self, column: str) -> bool:
        """Read ``true`` or ``false``."""
        value = self.cells[column]
        if value not in {"true", "false"}:
            self.fault(column, f"{value!r} is neither true nor false.")
        return value == "true"

    def day(self, column: str) -> date:
        """Read a day."""
        day = self.optional_day(column)
        if day is None and not self.cells[column]:
            self.fault(column, "is missing.")
        return day or date.min

    def optional_day(self, column: str) -> date | None:
        """Read a day; None when the cell is empty."""
        value = self.cells[column]
        day = parse_day(value)
        if value and day is None:
            self.fault(column, f"{value!r} is not a day YYYY-MM-DD.")
        return day


def read_rows(
    lines: Iterable[str],
    required: Collection[str],
    faults: list[Fault],
    *,
    optional: Collection[str] = (),
    file: str = "",
    delimiter: str = ",",
) -> Iterator[Row]:
    """Yield the rows of the CSV in ``lines``, which has its columns in any order.

    Blank lines are passed over; cells lose the blanks around them, and those of unknown columns are
    left out. A file that lacks columns, or has them twice, has no rows; one that stops being CSV
    has those before.
    """
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, strict=True, delimiter=delimiter)
    number = 1
    try:
        header = [_readable(name.strip()) for name in next(reader, [])]
        unknown = {*header} - {*required, *optional}
        faults.extend(Fault(file, 1, *it) for it in _unknown(header, unknown))
        unusable = [Fault(file, 1, *it) for it in _faults_of_header(header, required, unknown)]
        faults.extend(unusable)
        if unusable:
            return
        for number, cells in enumerate(reader, start=2):
            row = Row(file, number, {}, faults)
            if len(cells) == len(header):
                _fill(row, header, cells)
                for name in unknown:
                    del row.cells[name]
                yield row
            elif any(map(str.strip, cells)):
                column = header[min(len(cells), len(header) - 1)]
                row.fault(column, f"the row has {len(cells)} cells, not {len(header)}.")
    except csv.Error as error:
        faults.append(Fault(file, number + 1, "", f"is not CSV: {error}."))


def _unknown(header: list[str], unknown: Collection[str]) -> Iterator[tuple[str, str]]:
    for place, name in enumerate(header, 1):
        if name in unknown:
            yield (name, "is unknown.") if name else (f"column {place}", "has no name.")


def _fill(row: Row, header: list[str], cells: list[str]) -> None:
    row.cells = dict(zip(header, map(str.strip, cells), strict=True))
    if _is_utf_8("".join(cells)):
        return
    for column, text in row.cells.items():
        if not _is_utf_8(text):
            row.cells[column] = _readable(text)
            row.fault(column, "is not UTF-8.")


def _is_utf_8(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _readable(text: str) -> str:
    """Return ``text`` with a question mark for each byte that was not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _faults_of_header(
    header: list[str], required: Collection[str], unknown: Collection[str]
) -> Iterator[tuple[str, str]]:
    yield from ((name, "is missing.") for name in required if name not in header)
    known = sorted({*header} - {*unknown})
    yield from ((name, "comes twice.") for name in known if header.count(name) > 1)
