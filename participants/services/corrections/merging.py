"""Merging a duplicate record of a person into another (rules 14.2)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Greatest

from npq_portal.corrections import check_reason
from npq_portal.errors import ErrorCode, NotFound, Refusals
from npq_portal.history import Actor
from participants.choices import ApplicationStatus
from participants.models import (
    Application,
    ApplicationEvent,
    Participant,
    ParticipantIdChange,
    ParticipantListing,
)
from participants.rules import refusals_to_be_one_person
from participants.services.corrections.obstacles import held_courses
from participants.services.identities import keep_imports_out
from participants.services.records import (
    list_participants,
    lock_applications,
    lock_participants,
    write,
)
from participants.signals import application_reassigned


@transaction.atomic
def merge_participants(
    *,
    from_participant_id: UUID,
    into_participant_id: UUID,
    reason: str,
    by: Actor,
    at: datetime,
) -> ParticipantIdChange:
    """Merge one record of a person into another as of ``at`` (UTC); return the change of id.

    All applications follow. The old record stays, without any, and its id leads to the other.
    Raises NotFound when there is no such participant, Refused as rules 14.2 say.
    """
    persons = _lock(from_participant_id, into_participant_id)
    duplicate, survivor = persons[from_participant_id], persons[into_participant_id]
    applications = lock_applications(Application.objects.filter(participant__in=persons))
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    _check_records(duplicate, survivor, refusals)
    same_as_survivor = Participant.objects.sharing_validated_trn(survivor)
    refusals.note(
        *refusals_to_be_one_person(
            held_courses([duplicate]),
            held_courses(same_as_survivor.exclude(pk=duplicate.pk)),
        )
    )
    refusals.raise_any()
    moving = [it for it in applications if it.participant_id == duplicate.pk]
    _move(moving, survivor, reason=reason, by=by, at=at)
    return _keep(duplicate, survivor, reason=reason, by=by, at=at)


def _lock(*participant_ids: UUID) -> dict[UUID, Participant]:
    def both_persons() -> QuerySet[Participant]:
        named = Participant.objects.in_bulk(participant_ids)
        for each in participant_ids:
            if each not in named:
                raise NotFound(f"There is no participant {each}.")
        found = [Participant.objects.sharing_validated_trn(it) for it in named.values()]
        return Participant.objects.filter(
            pk__in={pk for each in found for pk in each.values_list("pk", flat=True)}
        )

    keep_imports_out()
    return {it.pk: it for it in lock_participants(both_persons)}


def _check_records(duplicate: Participant, survivor: Participant, refusals: Refusals) -> None:
    if duplicate == survivor:
        refusals.add(
            "into_participant_id", ErrorCode.SAME_RECORD, "A record can't be merged into itself."
        )
    for attribute, record in (
        ("from_participant_id", duplicate),
        ("into_participant_id", survivor),
    ):
        change = ParticipantIdChange.objects.filter(from_participant=record).first()
        if change is not None:
            refusals.add(
                attribute,
                ErrorCode.MERGED_AWAY,
                f"This record was merged into {change.survivor_id} already; take that one.",
            )


def _move(
    applications: Collection[Application],
    survivor: Participant,
    *,
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    for application in applications:
        write(
            application,
            ApplicationEvent.Kind.MERGED,
            {"participant_id": survivor.pk},
            by=by,
            at=at,
            reason=reason,
        )
        application.participant = survivor
        application_reassigned.send(sender=Application, application=application, at=at)
    accepted = [it for it in applications if it.status == ApplicationStatus.ACCEPTED]
    list_participants(accepted, at=at)


def _keep(
    duplicate: Participant, survivor: Participant, *, reason: str, by: Actor, at: datetime
) -> ParticipantIdChange:
    """Keep where the old id, and the ids merged into it before, lead from now on."""
    ParticipantIdChange.objects.filter(survivor=duplicate).update(survivor=survivor)
    # Whoever has the survivor is shown one former id more.
    moved = {"updated_at": Greatest("updated_at", at)}
    Participant.objects.filter(pk=duplicate.pk).update(has_former_ids=False)
    Participant.objects.filter(pk=survivor.pk).update(has_former_ids=True, **moved)
    ParticipantListing.objects.filter(participant=survivor).update(**moved)
    return ParticipantIdChange.objects.create(
        from_participant=duplicate,
        to_participant=survivor,
        survivor=survivor,
        at=at,
        reason=reason,
        **by.columns(),
    )
