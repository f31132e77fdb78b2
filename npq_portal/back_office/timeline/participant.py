"""The timeline's source of a participant's own details (rules 13.7)."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from npq_portal.back_office.timeline.entry import Entry, Window, staff_in_words
from participants.models import Participant

NAMES = {
    "full_name": "name",
    "email": "e-mail address",
    "teacher_reference_number": "TRN",
}


def details(participant: Participant, window: Window) -> list[Entry]:
    """Return how the participant's details came to be what they are."""
    rows = Participant.history.filter(id=participant.pk).select_related("history_user")
    versions = window.of(rows, "history_date", "history_id", previous=1)
    first = [_entry(versions[0], _arrival(versions[0]))] if _is_first(versions) else []
    changes = [_entry(after, _change(before, after)) for before, after in pairwise(versions)]
    return first + changes


def _is_first(versions: list[Any]) -> bool:
    return bool(versions) and versions[0].history_type == "+"


def _entry(version: Any, what: str) -> Entry:
    reason, staff = version.history_change_reason or "", version.history_user
    if staff is None:  # the reason of a command is its name
        return Entry(at=version.history_date, what=what, who=reason and f"Command {reason}")
    return Entry(at=version.history_date, what=what, who=staff_in_words(staff), why=reason)


def _arrival(version: Any) -> str:
    trn = version.teacher_reference_number
    validity = "validated" if version.teacher_reference_number_validated else "not validated"
    known = f"TRN {trn} ({validity})" if trn else "without a TRN"
    return f"First recorded as {version.full_name}, {version.email}, {known}."


def _change(before: Any, after: Any) -> str:
    return " ".join(_differences(before, after)) or "The details were saved unchanged."


def _differences(before: Any, after: Any) -> Iterator[str]:
    for field, name in NAMES.items():
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            yield f"The {name} was changed from {old or 'none'} to {new or 'none'}."
    was = before.teacher_reference_number_validated
    if was != after.teacher_reference_number_validated:
        yield f"The TRN was marked as {'not ' if was else ''}validated."
