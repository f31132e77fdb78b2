"""The template of a file, and what its rows came to, as CSV (rules 14.16)."""

from collections.abc import Iterable, Iterator
from typing import Any

from npq_portal.back_office.correction_files.kinds import FILE_KINDS, FileKind
from npq_portal.back_office.models import CorrectionFile, CorrectionFileRow

CHUNK = 500


def template_rows(file_kind: FileKind) -> list[list[str]]:
    """Return the header of a file of that kind, and an example of a row."""
    return [file_kind.names, [it.example for it in file_kind.columns]]


def result_rows(file: CorrectionFile) -> Iterator[Iterable[Any]]:
    """Yield a header, and each row of the file with what it came to and what it changes."""
    about, *others = FILE_KINDS[file.kind].names
    yield ["row", about, *others, "result", "refusals", "changes"]
    for row in file.rows.order_by("number").iterator(chunk_size=CHUNK):
        yield [
            row.number,
            row.record_id,
            *(row.values.get(name, "") for name in others),
            row.state,
            " ".join(row.why_not),
            _changes(row),
        ]


def _changes(row: CorrectionFileRow) -> str:
    return "; ".join(
        f"{it['record']}, {it['name']}: {it['before']} > {it['after']}" for it in row.changes
    )
