"""The columns of a file of applications, and how their cells are read (rules 11.7)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import models

from npq_portal.clock import parse_day, parse_instant, start_of_day
from npq_portal.identifiers import parse_id
from npq_portal.providers.models import LeadProvider
from participants.choices import ApplicationStatus
from participants.models import Application, Participant
from schedules.csv_rows import CONTROL_CHARACTER, Row
from schedules.models import Cohort, Course

REQUIRED = ("full_name", "email", "provider", "course_identifier", "cohort")
GIVEN_AS_THEY_ARE = (
    "email_validated",
    "works_in_school",
    "employer_name",
    "employment_role",
    "school_urn",
    "private_childcare_provider_urn",
    "school_ukprn",
    "headteacher_status",
    "eligible_for_funding",
    "funding_choice",
    "ineligible_for_funding_reason",
    "targeted_delivery_funding_eligibility",
    "teacher_catchment",
    "teacher_catchment_country",
    "teacher_catchment_iso_country_code",
    "lead_mentor",
    "itt_provider",
)
"""Columns that are attributes of an application, under the same name."""
OPTIONAL = (
    "application_id",
    "participant_id",
    "teacher_reference_number",
    "teacher_reference_number_validated",
    "status",
    "registered_at",
    "accepted_at",
    "schedule_identifier",
    *GIVEN_AS_THEY_ARE,
)

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""What is earlier is how other systems write that there is none."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_TRN = re.compile(r"\d{7}", re.ASCII)

Reader = Callable[[str], Any]


@dataclass(slots=True, kw_only=True)
class ApplicationRow:
    """A row of which what rules ask for could be read; instants are UTC, None is an empty cell."""

    row: Row
    application_id: UUID | None
    participant_id: UUID | None
    full_name: str
    email: str
    trn: str | None
    trn_validated: bool
    lead_provider: LeadProvider
    course: Course
    cohort: Cohort
    status: str
    registered_at: datetime | None
    accepted_at: datetime | None
    schedule_identifier: str | None
    attributes: dict[str, Any]

    @property
    def validated_trn(self) -> str | None:
        """The teacher reference number if it identifies the person, else None."""
        return self.trn if self.trn_validated else None


class ApplicationColumns:
    """Reads cells, knowing the reference data and the instant of the import (UTC)."""

    def __init__(
        self, cohorts: Iterable[Cohort], courses: Iterable[Course], *, at: datetime
    ) -> None:
        self.at = at
        providers = {it.name: it for it in LeadProvider.objects.all()}
        as_they_are = {name: _reader_of(name) for name in GIVEN_AS_THEY_ARE}
        self.readers: dict[str, Reader] = {
            **as_they_are,
            "full_name": _text_of(Participant, "full_name"),
            "email": _email,
            "provider": _one_of(providers, "lead provider"),
            "course_identifier": _one_of({it.identifier: it for it in courses}, "course"),
            "cohort": _one_of({str(it.start_year): it for it in cohorts}, "cohort"),
            "application_id": _identifier,
            "participant_id": _identifier,
            "teacher_reference_number": _trn,
            "teacher_reference_number_validated": _yes_no,
            "status": _choice_of(ApplicationStatus.values),
            "registered_at": self._past_instant,
            "accepted_at": self._past_instant,
            "schedule_identifier": str,
        }

    def read(self, row: Row) -> ApplicationRow | None:
        """Return what ``row`` says, with its faults standing on it.

        None when it has a fault in what the rules ask for; without the rest it can be held against
        them all the same.
        """
        values: dict[str, Any] = {}
        unread: set[str] = set()
        for column, text in row.cells.items():
            if not text:
                continue
            try:
                values[column] = self.readers[column](text)
            except ValueError as fault:
                row.fault(column, str(fault))
                unread.add(column)
        told = len(row.faults)
        _check_together(row, values)
        if unread.difference(GIVEN_AS_THEY_ARE) or len(row.faults) > told:
            return None
        return _application_row(row, values)

    def _past_instant(self, text: str) -> datetime:
        instant, day = parse_instant(text), parse_day(text)
        if day is not None:
            instant = start_of_day(day)
        if instant is None:
            raise ValueError(f"{text!r} is neither an instant with an offset nor a date.")
        if instant < EARLIEST:
            raise ValueError(f"{text} is before 1900.")
        if instant > self.at:
            raise ValueError(f"{text} is in the future.")
        return instant


def _check_together(row: Row, values: dict[str, Any]) -> None:
    for column in REQUIRED:
        if not row.cells[column]:
            row.fault(column, "is missing.")
    validated = values.get("teacher_reference_number_validated", False)
    if validated and not row.cells.get("teacher_reference_number"):
        row.fault("teacher_reference_number", "is missing, though it is said to be validated.")
    if "status" in values or not row.cells.get("status"):
        _check_acceptance(row, values)


def _check_acceptance(row: Row, values: dict[str, Any]) -> None:
    status = values.get("status", ApplicationStatus.PENDING)
    if status == ApplicationStatus.ACCEPTED:
        if not row.cells.get("accepted_at"):
            row.fault("accepted_at", "is missing for an accepted application.")
        return
    for column in ("accepted_at", "schedule_identifier"):
        if column in values:
            row.fault(column, f"is for accepted applications; this one is {status}.")


def _application_row(row: Row, values: dict[str, Any]) -> ApplicationRow:
    return ApplicationRow(
        row=row,
        application_id=values.get("application_id"),
        participant_id=values.get("participant_id"),
        full_name=values["full_name"],
        email=values["email"],
        trn=values.get("teacher_reference_number"),
        trn_validated=values.get("teacher_reference_number_validated", False),
        lead_provider=values["provider"],
        course=values["course_identifier"],
        cohort=values["cohort"],
        status=values.get("status", ApplicationStatus.PENDING),
        registered_at=values.get("registered_at"),
        accepted_at=values.get("accepted_at"),
        schedule_identifier=values.get("schedule_identifier"),
        attributes={name: values[name] for name in GIVEN_AS_THEY_ARE if name in values},
    )


def _reader_of(name: str) -> Reader:
    field = Application._meta.get_field(name)  # noqa: SLF001 - documented for use by everybody
    if isinstance(field, models.BooleanField):
        return _yes_no
    if isinstance(field, models.CharField) and field.choices:
        return _choice_of([value for value, _label in field.flatchoices])
    return _text_of(Application, name)


def _longest(model: type[models.Model], name: str) -> int:
    field = model._meta.get_field(name)  # noqa: SLF001 - as above
    assert isinstance(field, models.CharField)  # noqa: S101 - a column of texts
    return int(field.max_length or 0)


def _text_of(model: type[models.Model], name: str) -> Reader:
    longest = _longest(model, name)

    def read(text: str) -> str:
        if len(text) > longest:
            raise ValueError(f"has more than {longest} characters.")
        if CONTROL_CHARACTER.search(text):
            raise ValueError("has a character that cannot be printed.")
        return text

    return read


_email_text = _text_of(Participant, "email")
_longest_folded = _longest(Participant, "folded_email")


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text) or len(text.casefold()) > _longest_folded:
        raise ValueError("is not an e-mail address.")
    return str(_email_text(text))


def _identifier(text: str) -> UUID:
    identifier = parse_id(text)
    if identifier is None:
        raise ValueError(f"{text!r} is not a UUID.")
    return identifier


def _trn(text: str) -> str:
    if not _TRN.fullmatch(text):
        raise ValueError(f"{text!r} is not seven digits.")
    return text


def _yes_no(text: str) -> bool:
    folded = text.casefold()  # spreadsheets write TRUE
    if folded not in {"true", "false"}:
        raise ValueError(f"{text!r} is neither true nor false.")
    return folded == "true"


def _choice_of(known: list[str]) -> Reader:
    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"{text!r} is none of {', '.join(known)}.")
        return text

    return read


def _one_of(known: dict[str, Any], name: str) -> Reader:
    def read(text: str) -> Any:
        if text not in known:
            raise ValueError(f"there is no {name} {text!r}.")
        return known[text]

    return read
