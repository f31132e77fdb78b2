"""Trying a correction out, carrying it out, and undoing it (rules 14.13 to 14.15).

A preview is the service itself, rolled back, so that it can't disagree with the rules.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from npq_portal.back_office.corrections.kinds import KINDS, Kind
from npq_portal.back_office.corrections.picture import (
    Difference,
    Picture,
    differences,
    fingerprint_of_change,
    picture_of,
)
from npq_portal.back_office.corrections.records import Record, participant_of
from npq_portal.back_office.models import Correction
from npq_portal.corrections import clean_reason
from npq_portal.errors import BASE, ErrorCode, Refusal, Refused
from npq_portal.history import Actor
from participants.models import Participant

CHANGED = Refusal(
    BASE,
    ErrorCode.CHANGED_MEANWHILE,
    "Somebody changed these records since you looked, so nothing was done. Look at what would"
    " change now, and decide again.",
)
NOT_UNDOABLE = Refusal(
    BASE,
    ErrorCode.CHANGED_MEANWHILE,
    "Something else has happened since, so this can't be undone. Correct what is wrong now.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A correction as it was filled in: which one, of what, with what, why, by whom.

    ``arguments`` go to the service, the reason among them; ``values`` are what is kept of the form.
    ``undoes`` is the correction that it takes back.
    """

    kind: Kind
    record: Record
    arguments: Mapping[str, Any]
    values: Mapping[str, Any]
    by: Actor
    undoes: Correction | None = None

    def persons(self) -> set[UUID]:
        """Return the ids of all records of the persons it is about."""
        persons = [participant_of(self.record)]
        if self.kind.other:
            persons += Participant.objects.filter(pk=self.arguments[self.kind.other])
        return ids_of_persons(persons)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a correction changes, and the fingerprint by which it is known again."""

    differences: list[Difference]
    fingerprint: str


Tried = TypeVar("Tried", bound=Effect)


def ids_of_persons(participants: Iterable[Participant]) -> set[UUID]:
    """Return the ids of every record of these persons, as their TRNs are now."""
    return {
        pk
        for it in participants
        for pk in Participant.objects.sharing_validated_trn(it).values_list("pk", flat=True)
    }


def tried_out(attempt: Callable[[], Tried]) -> Tried:
    """Return the effect of an ``attempt``, which is rolled back."""
    with transaction.atomic():
        effect = attempt()
        transaction.set_rollback(True)
    return effect


def as_seen(attempt: Callable[[], Tried], seen: str) -> Tried:
    """Return the effect of an ``attempt``, if its fingerprint is the one that was ``seen``.

    To be called in a transaction, which Refused undoes: whoever confirms is told that something
    has changed since, and why it would be refused now (rules 14.15).
    """
    try:
        effect = attempt()
    except Refused as refused:  # the preview was not
        others = (it for it in refused.refusals if it.code != ErrorCode.CHANGED_MEANWHILE)
        raise Refused(CHANGED, *others) from refused
    if effect.fingerprint != seen:
        raise Refused(CHANGED)
    return effect


def preview(proposal: Proposal, *, at: datetime) -> Effect:
    """Return what a correction would change if it were made ``at`` (UTC); change nothing.

    Raises what its service raises, and Refused for what can't be undone any more.
    """
    return tried_out(lambda: _try(proposal, at=at))


def confirm(proposal: Proposal, *, seen: str, at: datetime) -> Correction:
    """Make a correction as ``carry_out`` does, or return it where it was just made.

    Whoever clicks twice is not told that somebody else was faster (rules 14.15).
    """
    try:
        return carry_out(proposal, seen=seen, at=at)
    except Refused:
        made = _made_just_now(proposal)
        if made is None:
            raise
        return made


def was_just_undone(correction: Correction, *, reason: str, by: Actor) -> bool:
    """Return whether ``by`` undid a correction for that reason, and nothing has happened since."""
    undoing = Correction.objects.filter(undoes=correction).first()
    if undoing is None or (undoing.staff_id, undoing.reason) != (by.staff_id, clean_reason(reason)):
        return False
    return undoing == _newest_if_untouched(undoing.participant)


def _made_just_now(proposal: Proposal) -> Correction | None:
    """Return the correction that a proposal asks for again, if nothing has happened since."""
    made = _newest_if_untouched(participant_of(proposal.record))
    if made is None or (made.kind, made.record_id) != (proposal.kind.slug, proposal.record.pk):
        return None
    # A form may ask for less once it was carried out: what can become pending too, for one.
    same_values = proposal.values.items() <= made.values.items()
    undone = proposal.undoes.pk if proposal.undoes else None
    told = (proposal.by.staff_id, clean_reason(proposal.arguments["reason"]), undone)
    return made if same_values and (made.staff_id, made.reason, made.undoes_id) == told else None


def _newest_if_untouched(participant: Participant) -> Correction | None:
    """Return the newest correction of a person if all is as it left it, else None."""
    newest = Correction.objects.filter(participant=participant).order_by("-id").first()
    if newest is None or newest.picture_after != _picture_now(participant).fingerprint():
        return None
    return newest


@transaction.atomic
def carry_out(proposal: Proposal, *, seen: str, at: datetime) -> Correction:
    """Make a correction ``at`` (UTC) and return it, if it changes what was ``seen``.

    ``seen`` is the fingerprint that the preview had. Raises Refused when anything has happened to
    the persons since (rules 14.15), NotFound when the record is gone.
    """
    # From the record as it was read; had it changed by then, the fingerprint would tell.
    opposite = None if proposal.undoes else proposal.kind.opposite(proposal.record)
    as_seen(lambda: _try(proposal, at=at), seen)
    participant = participant_of(proposal.record)
    return Correction.objects.create(
        kind=proposal.kind.slug,
        participant=participant,
        record_id=proposal.record.pk,
        reason=clean_reason(proposal.arguments["reason"]),
        values=proposal.values,
        opposite_kind=opposite.kind if opposite else "",
        opposite_values=opposite.values if opposite else {},
        picture_after=_picture_now(participant).fingerprint(),
        undoes=proposal.undoes,
        at=at,
        **proposal.by.columns(),
    )


def undoable_correction(record: Record) -> Correction | None:
    """Return the correction of a record that can be undone now, None when there is none."""
    return undoable_corrections(participant_of(record)).get(record.pk)


def undoable_corrections(participant: Participant) -> dict[UUID, Correction]:
    """Return what can be undone now, by the record that it corrected (rules 14.14).

    That is the newest correction of a record, while nothing has happened since. Takes the same few
    queries however many records and corrections the person has.
    """
    standing = Correction.objects.standing().filter(participant=participant)
    rows = standing.select_related("participant", "staff", "token__lead_provider").order_by("id")
    newest = {it.record_id: it for it in rows}
    possible = {pk: it for pk, it in newest.items() if it.opposite_kind in KINDS}
    if not possible:
        return {}
    now = _picture_now(participant).fingerprint()
    return {pk: it for pk, it in possible.items() if it.picture_after == now}


def _try(proposal: Proposal, *, at: datetime) -> Effect:
    """Call the service between two pictures.

    Who changes a record while the service waits for it is seen in the second: it counts changes.
    """
    persons = proposal.persons()
    before = picture_of(persons)
    if proposal.undoes is not None:
        _refuse_unless_undoable(proposal.undoes, proposal.record)
    proposal.kind.run(proposal.record, proposal.arguments, by=proposal.by, at=at)
    after = picture_of(persons)
    return Effect(differences(before, after), fingerprint_of_change(before, after))


def _refuse_unless_undoable(correction: Correction, record: Record) -> None:
    if undoable_correction(record) != correction:
        raise Refused(NOT_UNDOABLE)


def _picture_now(participant: Participant) -> Picture:
    now = Participant.objects.get(pk=participant.pk)
    ids: Collection[UUID] = ids_of_persons([now])
    return picture_of(ids)
