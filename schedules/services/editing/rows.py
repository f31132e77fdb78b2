"""How every edit of reference data finds, checks and keeps its row (rules 14.11)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Manager, Model

from npq_portal.corrections import sign_version
from npq_portal.errors import BASE, ErrorCode, NotFound, Refusals
from npq_portal.history import Actor
from schedules.models import Cohort

Row = TypeVar("Row", bound=Model)

UNIQUE = frozenset({"unique", "unique_together"})


def lock_row(rows: Manager[Row], pk: int) -> Row:
    """Lock and return the row ``pk``, so that its edits come one by one; raises NotFound.

    Who merely refers to the row does not wait.
    """
    row = rows.select_for_update(no_key=True).filter(pk=pk).first()
    if row is None:
        raise NotFound(f"There is no {rows.model.__name__.lower()} {pk}.")
    return row


def lock_cohort_of(schedule_id: int) -> None:
    """Lock the cohort of a schedule, if there is such a schedule, before anything that is in it.

    Who keeps the cohort (``schedules.services.keeping``) thus keeps its schedules.
    """
    cohort = Cohort.objects.filter(schedules=schedule_id).first()
    if cohort is not None:
        lock_row(Cohort.objects, cohort.pk)


def set_values(row: Model, values: Mapping[str, Any], refusals: Refusals) -> None:
    """Set ``values`` on ``row``; note when they are what it has already, or no such row can be."""
    if row.pk and all(getattr(row, name) == value for name, value in values.items()):
        refusals.add(BASE, ErrorCode.NOTHING_CHANGES, "It is this already.")
    for name, value in values.items():
        setattr(row, name, value)
    note_faults(row, refusals)


def note_faults(row: Model, refusals: Refusals) -> None:
    """Note the values that the columns of ``row`` don't take, and those that another row has."""
    try:
        row.full_clean()
    except ValidationError as wrong:
        for field, errors in wrong.error_dict.items():
            for error in errors:
                code = ErrorCode.EXISTS_ALREADY if error.code in UNIQUE else ErrorCode.INVALID
                # What constraints say of a row is for the rules to say, in words.
                if field != NON_FIELD_ERRORS or error.code in UNIQUE:
                    attribute = BASE if field == NON_FIELD_ERRORS else field
                    refusals.add(attribute, code, " ".join(error.messages))


def keep(row: Model, *, reason: str, by: Actor, at: datetime) -> None:
    """Save ``row`` with its version (rules 1.4)."""
    sign_version(row, reason=reason, by=by, at=at)
    row.save()


def refuse_in_use(attribute: str, used_by: Mapping[str, bool], refusals: Refusals) -> None:
    """Note under ``attribute`` what of ``used_by`` there is: it holds a value that can't change."""
    users = [name for name, used in used_by.items() if used]
    if users:
        refusals.add(
            attribute, ErrorCode.IN_USE, f"It can't change: there are {' and '.join(users)} for it."
        )
