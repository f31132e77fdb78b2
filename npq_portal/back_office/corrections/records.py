"""The records that staff correct, with what forms and pages ask of them (rules 14.13)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from declarations.models import Declaration
from outcomes.models import Outcome
from participants.models import Application, Participant

Record = Participant | Application | Declaration

_OF_APPLICATION = ("participant", "lead_provider", "course__group", "cohort", "schedule__cohort")

_RECORDS: Mapping[type[Record], QuerySet[Any]] = {
    Participant: Participant.objects.all(),
    Application: Application.objects.select_related(*_OF_APPLICATION),
    Declaration: Declaration.objects.select_related(
        "lead_provider", *(f"application__{name}" for name in _OF_APPLICATION)
    ).prefetch_related("outcomes"),
}


def load(about: type[Record], record_id: UUID) -> Any:
    """Return the record of this type and id with all that is asked of it, or None."""
    return _RECORDS[about].filter(pk=record_id).first()


def participant_of(record: Record) -> Participant:
    """Return whom a record is about."""
    if isinstance(record, Participant):
        return record
    return application_of(record).participant


def application_of(record: Application | Declaration) -> Application:
    """Return the application that a record is, or hangs on."""
    return record if isinstance(record, Application) else record.application


def newest_outcome(declaration: Declaration) -> Outcome | None:
    """Return the outcome that counts, of those that were read with the declaration."""
    return next(reversed(declaration.outcomes.all()), None)
