"""Correcting who somebody is (rules 14.2)."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Greatest

from npq_portal.corrections import check_reason, sign_version
from npq_portal.errors import BASE, ErrorCode, NotFound, Refusals
from npq_portal.history import Actor
from participants.models import (
    Application,
    Participant,
    ParticipantIdChange,
    ParticipantListing,
)
from participants.rules import refusals_to_be_one_person
from participants.services.corrections.obstacles import held_courses
from participants.services.identities import keep_imports_out, lock_trn
from participants.services.records import lock_participants

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
    values: dict[str, Any] = {
        "full_name": full_name.strip(),
        "email": email.strip(),
        "teacher_reference_number": teacher_reference_number or None,
        "teacher_reference_number_validated": teacher_reference_number_validated,
    }
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    _check_trn(values, refusals)
    new_trn = _new_validated_trn(values, refusals)
    participant, others = _lock(participant_id, new_trn)
    _check_new(participant, values, refusals)
    _check_record(participant, values, refusals)
    if new_trn != participant.validated_trn:
        refusals.note(*refusals_to_be_one_person(held_courses([participant]), held_courses(others)))
    refusals.raise_any()
    for name, value in values.items():
        setattr(participant, name, value)
    _save(participant, reason=reason, by=by, at=at)
    return participant


def _save(participant: Participant, *, reason: str, by: Actor, at: datetime) -> None:
    """Save a locked ``participant`` with its history, and move all that shows it (rules 4.3)."""
    participant.updated_at = max(at, participant.updated_at)
    sign_version(participant, reason=reason, by=by, at=at)
    participant.save()
    moved = {"updated_at": Greatest("updated_at", at)}
    Application.objects.filter(participant=participant).update(**moved)
    ParticipantListing.objects.filter(participant=participant).update(**moved)


def _new_validated_trn(values: dict[str, Any], refusals: Refusals) -> str | None:
    """Return the number that makes records one person's; None where there is none."""
    if "teacher_reference_number" in refusals or not values["teacher_reference_number_validated"]:
        return None
    number: str | None = values["teacher_reference_number"]
    return number


def _lock(participant_id: UUID, new_trn: str | None) -> tuple[Participant, list[Participant]]:
    """Lock and return a participant, and those who have the validated TRN that they are to get."""
    keep_imports_out()
    same = Q(pk=participant_id)
    if new_trn is not None:
        lock_trn(new_trn)
        same |= Q(teacher_reference_number=new_trn, teacher_reference_number_validated=True)
    records = {it.pk: it for it in lock_participants(lambda: Participant.objects.filter(same))}
    participant = records.pop(participant_id, None)
    if participant is None:
        raise NotFound(f"There is no participant {participant_id}.")
    return participant, list(records.values())


def _check_record(participant: Participant, values: dict[str, Any], refusals: Refusals) -> None:
    change = ParticipantIdChange.objects.filter(from_participant=participant).first()
    if change is not None:
        refusals.add(
            BASE,
            ErrorCode.MERGED_AWAY,
            f"This record was merged into {change.survivor_id}; correct that one.",
        )
    if all(getattr(participant, name) == value for name, value in values.items()):
        refusals.add(BASE, ErrorCode.NOTHING_CHANGES, "The details are these already.")


def _check_new(participant: Participant, values: dict[str, Any], refusals: Refusals) -> None:
    """Check what is to change; what an import brought stays, though nobody would type it."""
    name, email = values["full_name"], values["email"]
    if name != participant.full_name and not (0 < len(name) <= 500 and name.isprintable()):
        refusals.add("full_name", ErrorCode.INVALID, "A name has 1 to 500 printable characters.")
    try:
        if email != participant.email:
            validate_email(email)
    except ValidationError:
        refusals.add("email", ErrorCode.INVALID, "Give an e-mail address, such as a@example.org.")


def _check_trn(values: dict[str, Any], refusals: Refusals) -> None:
    trn = values["teacher_reference_number"]
    if trn is not None and not TRN.fullmatch(trn):
        refusals.add("teacher_reference_number", ErrorCode.INVALID, "A TRN has seven digits.")
    if trn is None and values["teacher_reference_number_validated"]:
        refusals.add(
            "teacher_reference_number_validated",
            ErrorCode.INVALID,
            "Only a TRN that is given can be validated.",
        )
