"""Carrying out the rows of a confirmed file (rules 14.16)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from npq_portal.back_office.correction_files.kinds import FILE_KINDS
from npq_portal.back_office.correction_files.progress import locked
from npq_portal.back_office.correction_files.proposals import proposal_of, sentences
from npq_portal.back_office.corrections.preview import carry_out
from npq_portal.back_office.models import Correction, CorrectionFile, CorrectionFileRow
from npq_portal.errors import NotFound, Refused
from participants.models import Participant
from participants.services.identities import keep_imports_out
from participants.services.records import lock_participants

State = CorrectionFileRow.State
RESULT = ["state", "correction", "refusals"]


@transaction.atomic
def run_next(file_id: UUID, *, at: datetime) -> int:
    """Carry out the next row ``at`` (UTC), and keep what it came to with it; return how many.

    Zero when there is nothing left. Raises NotFound when the file is gone.
    """
    file = _running(file_id)
    if file is None:
        return 0
    row = _ready_rows(file).first()
    if row is None:
        _end(file)
        return 0
    _note(row, _carry_out(file, row, at=at))
    row.save(update_fields=RESULT)
    return 1


@transaction.atomic
def run_all(file_id: UUID, *, at: datetime) -> int:
    """Carry out all rows of a file ``at`` (UTC), or none; return how many there were.

    Each row that is refused is told why, and the others that they are held back. Zero when there is
    nothing left. Raises NotFound when the file is gone.
    """
    file = _running(file_id)
    if file is None:
        return 0
    rows = list(_ready_rows(file))
    with transaction.atomic():
        _lock_persons(file, rows)
        outcomes = [_carry_out(file, row, at=at) for row in rows]
        is_refused = any(isinstance(it, list) for it in outcomes)
        if is_refused:
            transaction.set_rollback(True)
    for row, outcome in zip(rows, outcomes, strict=True):
        if is_refused and isinstance(outcome, Correction):
            row.state = State.HELD_BACK
        else:
            _note(row, outcome)
    CorrectionFileRow.objects.bulk_update(rows, RESULT)
    _end(file)
    return len(rows)


def _running(file_id: UUID) -> CorrectionFile | None:
    """Return the file, locked, if it is to be carried out."""
    file = locked(file_id)
    return file if file.state == CorrectionFile.State.RUNNING else None


def _ready_rows(file: CorrectionFile) -> QuerySet[CorrectionFileRow]:
    return file.rows.filter(state=State.READY).order_by("number")


def _carry_out(
    file: CorrectionFile, row: CorrectionFileRow, *, at: datetime
) -> Correction | list[str]:
    """Return the correction that a row has made, or in words why there is none."""
    try:
        return carry_out(proposal_of(file, row), seen=row.fingerprint, at=at)
    except (Refused, NotFound) as error:
        return sentences(error)


def _note(row: CorrectionFileRow, outcome: Correction | list[str]) -> None:
    if isinstance(outcome, Correction):
        row.state, row.correction = State.DONE, outcome
    else:
        row.state, row.refusals = State.REFUSED, outcome


def _end(file: CorrectionFile) -> None:
    file.state = CorrectionFile.State.DONE
    file.save(update_fields=["state"])


def _lock_persons(file: CorrectionFile, rows: Iterable[CorrectionFileRow]) -> None:
    """Lock everybody whom the rows are about by id, since rows come in any order."""
    file_kind = FILE_KINDS[file.kind]
    records = file_kind.records.filter(pk__in=[row.record_id for row in rows])
    holders = Participant.objects.filter(pk__in=records.values(file_kind.path_to_participant))
    validated = holders.filter(teacher_reference_number_validated=True)
    same_person = Q(
        teacher_reference_number_validated=True,
        teacher_reference_number__in=validated.values("teacher_reference_number"),
    )
    everybody = Participant.objects.filter(Q(pk__in=holders.values("pk")) | same_person)
    keep_imports_out()
    lock_participants(everybody.all)
