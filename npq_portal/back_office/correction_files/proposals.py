"""From the row of a file to the correction that it asks for (rules 14.16)."""

from npq_portal.back_office.correction_files.kinds import FILE_KINDS
from npq_portal.back_office.corrections.preview import Proposal
from npq_portal.back_office.corrections.records import load
from npq_portal.back_office.models import CorrectionFile, CorrectionFileRow
from npq_portal.errors import NotFound, Refused
from npq_portal.history import Actor


def proposal_of(file: CorrectionFile, row: CorrectionFileRow) -> Proposal:
    """Return what a row asks for, in the name of who confirmed the file, or else uploaded it.

    Raises NotFound and Refused where the row names what is not there.
    """
    file_kind = FILE_KINDS[file.kind]
    record = load(file_kind.kind.about, row.record_id)
    if record is None:
        raise NotFound(f"There is no {file_kind.about} {row.record_id}.")
    return Proposal(
        kind=file_kind.kind,
        record=record,
        arguments={**file_kind.arguments(row.values), "reason": file.reason},
        values=row.values,
        by=Actor(staff_id=file.confirmed_by_id or file.uploaded_by_id),
    )


def sentences(error: Refused | NotFound) -> list[str]:
    """Return in words why a row is refused."""
    if isinstance(error, Refused):
        return [sentence for it in error.refusals for sentence in it.sentences]
    return [str(error)]
