"""Finding a file of corrections, and telling how far it has got (rules 14.16)."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from npq_portal.back_office.correction_files.rules import CheckedFile
from npq_portal.back_office.models import CorrectionFile, CorrectionFileRow
from npq_portal.errors import NotFound

State = CorrectionFileRow.State


@dataclass(frozen=True, slots=True)
class Progress:
    """How many rows of a file are in which state."""

    file: CorrectionFile
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many rows there are."""
        return sum(self.counts.values())

    @property
    def finished(self) -> int:
        """How many of them the present state of the file has nothing left to do with."""
        open_state = State.WAITING if self.file.state == self.file.State.CHECKING else State.READY
        return self.total - self.counts.get(open_state, 0)

    @property
    def is_gradual(self) -> bool:
        """Whether it shows how far one is: what is all or nothing is carried out in one go."""
        return self.file.state == self.file.State.CHECKING or not self.file.is_all_or_nothing

    @property
    def ready(self) -> int:
        """How many rows can be carried out."""
        return self.counts.get(State.READY, 0)

    @property
    def refused(self) -> int:
        """How many rows are refused."""
        return self.counts.get(State.REFUSED, 0)

    @property
    def in_words(self) -> str:
        """How far one is, for people."""
        if not self.is_gradual:
            return f"{self.total:,} rows at once, which takes some seconds"
        done = "checked" if self.file.state == self.file.State.CHECKING else "carried out"
        return f"{self.finished:,} of {self.total:,} rows {done}"

    @property
    def outcome(self) -> str:
        """What came of a file that is checked or done, in a sentence."""
        if self.file.state == self.file.State.CHECKED:
            return f"{self.ready:,} of {self.total:,} rows can be carried out"
        if self.counts.get(State.DONE, 0) or not self.file.is_all_or_nothing:
            return f"{self.counts.get(State.DONE, 0):,} of {self.total:,} rows were carried out"
        refused = f"{self.refused:,} of {self.total:,} rows were refused"
        return f"Nothing was changed: it was all or nothing, and {refused}"

    def for_rules(self) -> CheckedFile:
        """Return what rules ask."""
        return CheckedFile(
            state=self.file.state,
            is_all_or_nothing=self.file.is_all_or_nothing,
            ready=self.ready,
            refused=self.refused,
        )


def progress_of(file: CorrectionFile) -> Progress:
    """Return how far a file has got, in one query."""
    rows = file.rows.order_by().values_list("state").annotate(Count("pk"))
    return Progress(file, dict(rows))


def found(file_id: UUID) -> CorrectionFile:
    """Return the file with this id; raises NotFound when there is none."""
    return _one_of(CorrectionFile.objects.all(), file_id)


def locked(file_id: UUID) -> CorrectionFile:
    """Return the same, locked: the first lock of everything that is done with a file."""
    return _one_of(CorrectionFile.objects.select_for_update(), file_id)


def _one_of(files: QuerySet[CorrectionFile], file_id: UUID) -> CorrectionFile:
    file = files.filter(pk=file_id).first()
    if file is None:
        raise NotFound("The file was discarded.")
    return file
