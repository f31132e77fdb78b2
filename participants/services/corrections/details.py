"""Correcting who somebody is (rules 14.2)."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Greatest

from npq_portal.errors import BASE, ErrorCode, NotFound, Refusals
from npq_portal.history import Actor
from participants.models import Application, Participant, ParticipantListing
from participants.rules import HeldCourse, refusals_to_be_one_person
from participants.services.corrections.locking import check_reason, lock_records

TRN = re.compile(r"\d{7}", re.ASCII)


@transaction.atomic
def correct_details(
    *,
    participant_id: UUID,
    full_name: str,
    email: str,
    teacher_reference_number: str | None,
    teacher_reference_number_validated: bool,
    reason: str,
    by: Actor,
    at: datetime,
) -> Participant:
    """Set a participant's details as of ``at`` (UTC) and return the participant.

    ``teacher_reference_number`` is seven digits, or None for none. Raises NotFound when there is no
    such participant, Refused as rules 14.2 say.
    """
    participant = _lock(participant_id, teacher_reference_number)
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    values: dict[str, Any] = {
        "full_name": full_name.strip(),
        "email": email.strip(),
        "teacher_reference_number": teacher_reference_number or None,
        "teacher_reference_number_validated": teacher_reference_number_validated,
    }
    _check_form(values, refusals)
    if all(getattr(participant, name) == value for name, value in values.items()):
        refusals.add(BASE, ErrorCode.NOTHING_CHANGES, "The details are these already.")
    refusals.raise_any()
    for name, value in values.items():
        setattr(participant, name, value)
    refusals.note(*refusals_to_be_one_person(_held_by_same_person(participant)))
    refusals.raise_any()
    save_details(participant, reason=reason, by=by, at=at)
    return participant


def save_details(participant: Participant, *, reason: str, by: Actor, at: datetime) -> None:
    """Save a locked ``participant`` with its history, and move all that shows it (rules 4.3)."""
    participant.updated_at = max(at, participant.updated_at)
    # What simple-history reads when it writes the version.
    vars(participant).update(
        _change_reason=reason,
        _history_user=get_user_model().objects.in_bulk([by.staff_id])[by.staff_id],
        _history_date=at,
    )
    participant.save()
    moved = {"updated_at": Greatest("updated_at", at)}
    Application.objects.filter(participant=participant).update(**moved)
    ParticipantListing.objects.filter(participant=participant).update(**moved)


def _lock(participant_id: UUID, new_trn: str | None) -> Participant:
    seen = Participant.objects.filter(pk=participant_id).first()
    if seen is None:
        raise NotFound(f"There is no participant {participant_id}.")
    numbers = {it for it in (seen.validated_trn, new_trn) if it}
    records = lock_records(
        Q(pk=participant_id)
        | Q(teacher_reference_number__in=numbers, teacher_reference_number_validated=True)
    )
    return next(it for it in records if it.pk == participant_id)


def _check_form(values: dict[str, Any], refusals: Refusals) -> None:
    name, trn = values["full_name"], values["teacher_reference_number"]
    if not name or len(name) > 500 or not name.isprintable():
        refusals.add("full_name", ErrorCode.INVALID, "A name has 1 to 500 printable characters.")
    try:
        validate_email(values["email"])
    except ValidationError:
        refusals.add("email", ErrorCode.INVALID, "Give an e-mail address, such as a@example.org.")
    if trn is not None and not TRN.fullmatch(trn):
        refusals.add("teacher_reference_number", ErrorCode.INVALID, "A TRN has seven digits.")
    if trn is None and values["teacher_reference_number_validated"]:
        refusals.add(
            "teacher_reference_number_validated",
            ErrorCode.INVALID,
            "Only a TRN that is given can be validated.",
        )


def _held_by_same_person(participant: Participant) -> list[HeldCourse]:
    return held_courses(Participant.objects.sharing_validated_trn(participant))


def held_courses(persons: Iterable[Participant]) -> list[HeldCourse]:
    """Return the courses for which the records ``persons`` hold accepted applications."""
    accepted = Application.objects.accepted().filter(participant__in=persons)
    rows = accepted.order_by("course__identifier", "created_at").values_list(
        "participant_id", "course__identifier", "lead_provider__name"
    )
    return [HeldCourse(*row) for row in rows]
