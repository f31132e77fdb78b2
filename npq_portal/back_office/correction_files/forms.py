"""What staff fill in to upload a file of corrections (rules 14.16)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from npq_portal.back_office.correction_files.kinds import FileKind
from npq_portal.back_office.correction_files.reading import LARGEST_FILE, read_file
from npq_portal.back_office.correction_files.rules import MOST_AT_ONCE
from schedules.csv_rows import Fault

FAULTS_TOLD = 50
"""How many faults of a file are told; the others are counted."""


class UploadForm(forms.Form):
    """A file, and what is asked about all its rows; once valid, the arguments of ``keep_file``."""

    kind = forms.ChoiceField(label="What to do")
    file = forms.FileField(
        label="CSV file",
        help_text="UTF-8, separated by commas or semicolons.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    reason = forms.CharField(
        label="Why",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text="One reason for all rows. Kept in the history, with the name of who confirms.",
    )
    is_all_or_nothing = forms.BooleanField(
        label="All or nothing",
        required=False,
        help_text="When one row is refused, no row is carried out."
        f" For at most {MOST_AT_ONCE} rows.",
    )

    def __init__(self, offered: Iterable[FileKind], data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, label_suffix="")
        self.offered = {it.slug: it for it in offered}
        choices = [(slug, it.kind.title) for slug, it in self.offered.items()]
        self.fields["kind"].choices = [("", "Choose one"), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read the file as what the chosen kind has, and tell what is wrong with it."""
        values = self.cleaned_data
        file: UploadedFile | None = values.pop("file", None)
        if file is None or "kind" not in values:
            return values
        reading = read_file(file.read(LARGEST_FILE + 1), self.offered[values["kind"]].columns)
        if reading.faults:
            self.add_error("file", list(_told(reading.faults)))
        return {**values, "name": file.name, "rows": reading.rows}


def _told(faults: list[Fault]) -> Iterable[str]:
    yield from (f"R{str(it)[1:]}" for it in faults[:FAULTS_TOLD])
    if len(faults) > FAULTS_TOLD:
        yield f"And {len(faults) - FAULTS_TOLD:,} more."
