"""Keeping, confirming, discarding and driving files of corrections (rules 14.16)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from npq_portal.back_office.correction_files import rules
from npq_portal.back_office.correction_files.checking import check_next
from npq_portal.back_office.correction_files.progress import found, locked, progress_of
from npq_portal.back_office.correction_files.reading import FileRow
from npq_portal.back_office.correction_files.running import run_all, run_next
from npq_portal.back_office.models import CorrectionFile, CorrectionFileRow
from npq_portal.corrections import NOT_STAFF, check_reason
from npq_portal.errors import Refusals
from npq_portal.history import Actor

ROWS_AT_ONCE = 10
"""How many rows a step takes at least, as far as there are any: about a second's work."""

UNCONFIRMED_KEPT = timedelta(days=30)
"""How long a file waits to be confirmed before it is forgotten."""


@transaction.atomic
def keep_file(
    *,
    name: str,
    kind: str,
    rows: Sequence[FileRow],
    is_all_or_nothing: bool,
    reason: str,
    by: Actor,
    at: datetime,
) -> CorrectionFile:
    """Keep a file uploaded ``at`` (UTC), to be checked, and return it.

    Forgets the files that nobody confirmed in time. Raises Refused for a missing or too long reason
    and for too many rows, ValueError unless ``by`` is a member of staff.
    """
    if by.staff_id is None:
        raise ValueError(NOT_STAFF)
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    refusals.note(rules.refusal_of_size(len(rows), is_all_or_nothing=is_all_or_nothing))
    refusals.raise_any()
    _forget_unconfirmed(before=at - UNCONFIRMED_KEPT)
    file = CorrectionFile.objects.create(
        name=name,
        kind=kind,
        reason=reason,
        is_all_or_nothing=is_all_or_nothing,
        uploaded_at=at,
        uploaded_by_id=by.staff_id,
    )
    CorrectionFileRow.objects.bulk_create(
        CorrectionFileRow(file=file, number=row.number, record_id=row.record_id, values=row.values)
        for row in rows
    )
    return file


@transaction.atomic
def confirm_file(*, file_id: UUID, by: Actor, at: datetime) -> CorrectionFile:
    """Let the ready rows of a checked file be carried out, in the name of ``by``; return the file.

    Raises NotFound when it is gone, Refused as rules 14.16 say, ValueError as above.
    """
    if by.staff_id is None:
        raise ValueError(NOT_STAFF)
    file = locked(file_id)
    refusals = Refusals()
    refusals.note(rules.refusal_to_confirm(progress_of(file).for_rules()))
    refusals.raise_any()
    file.state = CorrectionFile.State.RUNNING
    file.confirmed_at, file.confirmed_by_id = at, by.staff_id
    file.save(update_fields=["state", "confirmed_at", "confirmed_by"])
    return file


@transaction.atomic
def discard_file(*, file_id: UUID) -> None:
    """Forget a file that was not confirmed, with its rows.

    Raises NotFound when it is gone, Refused when it was confirmed.
    """
    file = locked(file_id)
    refusals = Refusals()
    refusals.note(rules.refusal_to_discard(file.state))
    refusals.raise_any()
    file.delete()


def go_on(*, file_id: UUID, at: datetime) -> CorrectionFile:
    """Check or carry out some more rows ``at`` (UTC), as far as there are any; return the file.

    Whoever asks, and however many ask at once, each row is taken once. What a row comes to is kept
    with it: after an interruption the next call goes on behind the last row. Raises NotFound when
    the file is gone.
    """
    file = found(file_id)
    take = run_all if file.is_all_or_nothing else run_next
    if file.state == CorrectionFile.State.CHECKING:
        take = check_next
    taken = 0
    while taken < ROWS_AT_ONCE and (count := take(file_id, at=at)):
        taken += count
    return found(file_id)


def _forget_unconfirmed(*, before: datetime) -> None:
    # Locked first: who confirms one at this moment is waited for, and keeps it.
    old = CorrectionFile.objects.unconfirmed().filter(uploaded_at__lt=before).select_for_update()
    CorrectionFile.objects.filter(pk__in=[it.pk for it in old]).delete()
