"""What every correction begins with: who may, why, and the locks (rules 14.1)."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from npq_portal.errors import ErrorCode, NotFound, Refusals
from npq_portal.history import Actor
from participants.models import Application, Participant
from participants.services.records import lock_applications, lock_person

LONGEST_REASON = 2000


def check_reason(reason: str, by: Actor, refusals: Refusals) -> str:
    """Return the ``reason`` without blanks around it; note when it is missing or too long.

    Raises ValueError unless ``by`` is a member of staff: nobody else corrects anything.
    """
    if by.staff_id is None:
        raise ValueError("Only staff make corrections.")
    reason = reason.strip()
    if not reason:
        refusals.add("reason", ErrorCode.MISSING, "Say why, for those who look at this later.")
    elif len(reason) > LONGEST_REASON:
        refusals.add(
            "reason", ErrorCode.INVALID, f"A reason has at most {LONGEST_REASON} characters."
        )
    return reason


def lock_application(application_id: UUID) -> tuple[Application, list[Application]]:
    """Lock and return an application, and all others of the person, under whichever record.

    Raises NotFound when there is no such application.
    """
    participant = Participant.objects.filter(applications=application_id).first()
    if participant is None:
        raise NotFound(f"There is no application {application_id}.")
    persons = lock_person(participant)
    locked = lock_applications(
        Application.objects.filter(Q(pk=application_id) | Q(participant__in=persons))
    )
    application = next(it for it in locked if it.pk == application_id)
    return application, [it for it in locked if it.pk != application_id]


def lock_records(participants: Q) -> Collection[Participant]:
    """Lock and return the records of people that ``participants`` says, by id."""
    return list(Participant.objects.filter(participants).select_for_update().order_by("id"))
