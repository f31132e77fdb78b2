"""Rows of CSV files, read cell by cell; what is wrong is noted, not raised (rules 2.6)."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from npq_portal.clock import parse_day


@dataclass(slots=True)
class Row:
    """One row of a file; the header is row 1. Each faulty cell adds to ``faults``."""

    file: str
    number: int
    cells: dict[str, str]
    faults: list[str]
    is_good: bool = field(default=True, init=False)

    def fault(self, column: str, reason: str) -> None:
        """Note what is wrong with the cell in ``column``."""
        self.faults.append(f"{self.file} row {self.number}, {column}: {reason}")
        self.is_good = False

    def text(self, column: str, max_length: int) -> str:
        """Read a text of 1 to ``max_length`` characters."""
        value = self.cells[column]
        if not 1 <= len(value) <= max_length:
            self.fault(column, f"has to have 1 to {max_length} characters.")
        elif not value.isprintable():
            self.fault(column, "has a character that cannot be printed.")
        return value

    def year(self, column: str) -> int:
        """Read a year of four digits."""
        value = self.cells[column]
        if len(value) == 4 and value.isascii() and value.isdigit() and value[0] != "0":
            return int(value)
        self.fault(column, f"{value!r} is not a year of four digits.")
        return 0

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


def read_rows(file: str, content: bytes, columns: tuple[str, ...], faults: list[str]) -> list[Row]:
    """Return the rows of a CSV file that has exactly ``columns``, in any order.

    Blank lines are passed over; cells lose the blanks around them.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        faults.append(f"{file}: is not UTF-8.")
        return []
    if "\0" in text:
        faults.append(f"{file}: has a NUL character, which text has not.")
        return []
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = [name.strip() for name in next(lines, [])]
        if not _check_header(file, header, columns, faults):
            return []
        rows.extend(_rows(file, header, lines, faults))
    except csv.Error as error:
        faults.append(f"{file}: line {lines.line_num} is not CSV: {error}.")
    return rows


def _check_header(
    file: str, header: list[str], columns: tuple[str, ...], faults: list[str]
) -> bool:
    found = [f"{file} row 1, {name}: is missing." for name in columns if name not in header]
    found += [f"{file} row 1, {name}: is unknown." for name in header if name not in columns]
    found += [f"{file} row 1, {name}: comes twice." for name in columns if header.count(name) > 1]
    faults.extend(found)
    return not found


def _rows(
    file: str, header: list[str], lines: Iterator[list[str]], faults: list[str]
) -> Iterator[Row]:
    for number, cells in enumerate(lines, start=2):
        if len(cells) == len(header):
            stripped = [cell.strip() for cell in cells]
            yield Row(file, number, dict(zip(header, stripped, strict=True)), faults)
        elif cells:
            column = header[min(len(cells), len(header) - 1)]
            faults.append(
                f"{file} row {number}, {column}: the row has {len(cells)} cells, not {len(header)}."
            )
