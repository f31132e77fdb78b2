"""Trying out what the rows of a file would change (rules 14.16)."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from npq_portal.back_office.correction_files.kinds import FILE_KINDS
from npq_portal.back_office.correction_files.progress import locked
from npq_portal.back_office.correction_files.proposals import proposal_of, sentences
from npq_portal.back_office.corrections.preview import carry_out, ids_of_persons, preview
from npq_portal.back_office.corrections.records import participant_of
from npq_portal.back_office.models import CorrectionFile, CorrectionFileRow
from npq_portal.errors import NotFound, Refused

State = CorrectionFileRow.State


@transaction.atomic
def check_next(file_id: UUID, *, at: datetime) -> int:
    """Check the first waiting row ``at`` (UTC), with all rows of its person; return how many.

    Zero when the file is not to be checked any more. Raises NotFound when it is gone.
    """
    file = locked(file_id)
    if file.state != CorrectionFile.State.CHECKING:
        return 0
    first = file.rows.filter(state=State.WAITING).order_by("number").first()
    if first is None:
        file.state = CorrectionFile.State.CHECKED
        file.save(update_fields=["state"])
        return 0
    rows = _rows_of_person(file, first)
    _preview(file, rows, at=at)
    columns = ["state", "differences", "fingerprint", "refusals"]
    CorrectionFileRow.objects.bulk_update(rows, columns)
    return len(rows)


def _rows_of_person(file: CorrectionFile, row: CorrectionFileRow) -> list[CorrectionFileRow]:
    """Return the rows about the person whom ``row`` is about, under whichever record, in order."""
    file_kind = FILE_KINDS[file.kind]
    record = file_kind.records.filter(pk=row.record_id).first()
    if record is None:
        return [row]
    persons = ids_of_persons([participant_of(record)])
    records = file_kind.records.filter(**{f"{file_kind.path_to_participant}__in": persons})
    return list(file.rows.filter(record_id__in=records.values("pk")).order_by("number"))


def _preview(file: CorrectionFile, rows: list[CorrectionFileRow], *, at: datetime) -> None:
    """Try the rows out one after the other, each on what those before it leave behind."""
    with transaction.atomic():
        for row in rows:
            _preview_row(file, row, is_last=row is rows[-1], at=at)
        transaction.set_rollback(True)


def _preview_row(
    file: CorrectionFile, row: CorrectionFileRow, *, is_last: bool, at: datetime
) -> None:
    row.state, row.fingerprint = State.REFUSED, ""
    row.differences, row.refusals = [], []
    try:
        proposal = proposal_of(file, row)
        effect = preview(proposal, at=at)
        if not is_last:
            carry_out(proposal, seen=effect.fingerprint, at=at)
    except (Refused, NotFound) as error:
        row.refusals = sentences(error)
        return
    row.state, row.fingerprint = State.READY, effect.fingerprint
    row.differences = [asdict(it) for it in effect.differences]
