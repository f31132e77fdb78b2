"""What every command on an application does: lock in one order, write with history."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Greatest

from npq_portal.errors import NotFound
from npq_portal.history import Actor
from npq_portal.prepared import Prepared, Question, Rows, ask, columns_of, made_with
from npq_portal.providers.models import LeadProvider
from participants.choices import ApplicationStatus
from participants.identity import not_found
from participants.models import Application, ApplicationEvent, Participant, ParticipantListing
from schedules.models import Cohort

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def lock_person(participant: Participant) -> list[Participant]:
    """Lock and return every record of this person: those that share the validated TRN, by id.

    Participants are the first lock of every command, so that two providers, or two records of
    one person, decide one after the other.
    """

    def of_person() -> QuerySet[Participant]:
        now = Participant.objects.get(pk=participant.pk)
        return Participant.objects.sharing_validated_trn(now)

    return lock_participants(of_person)


def lock_participants(find: Callable[[], QuerySet[Participant]]) -> list[Participant]:
    """Lock and return by id the participants that ``find`` finds once they are locked.

    While this waits, staff may make other records the same person's. Then the locks are let go and
    taken anew, so that they always come by id.
    """
    while True:
        with transaction.atomic():
            locked = list(find().select_for_update().order_by("id"))
            if {it.pk for it in locked} == set(find().values_list("pk", flat=True)):
                return locked
            transaction.set_rollback(True)


def lock_holder(applications: QuerySet[Application]) -> list[Participant]:
    """Lock and return every record of the person whose the one of ``applications`` is.

    Raises NotFound when there is none.
    """
    while True:
        participant = Participant.objects.filter(applications__in=applications).first()
        if participant is None:
            raise NotFound
        with transaction.atomic():
            persons = lock_person(participant)
            if applications.filter(participant=participant).exists():
                return persons
            transaction.set_rollback(True)  # it was merged away meanwhile


class _PersonChanged(Exception):
    """While a command waited for a person, other records became the same person's, or left it."""


def on_a_person(command: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Run a ``command`` that locks a participant first in a transaction.

    It is begun anew, with no lock held, when the person is another by then, so that locks always
    come by id.
    """

    @wraps(command)
    def run(*arguments: Parameters.args, **options: Parameters.kwargs) -> Result:
        while True:
            with suppress(_PersonChanged), transaction.atomic():
                return command(*arguments, **options)

    return run


def lock_participant(
    lead_provider: LeadProvider, participant_id: UUID, *questions: Question
) -> tuple[set[UUID], list[Any]]:
    """Lock every record of a person with an accepted application with a provider; return their ids.

    For a command ``on_a_person``. ``questions`` are asked once all are locked, and their answers
    returned as well. Raises NotFound when ``lead_provider`` does not have the participant.
    """
    locked, records, *answers = ask(
        Question(_locked_records, (participant_id,), _ids),
        Question(_records, (participant_id, lead_provider.pk), dict),
        *questions,
    )
    if not records.get(participant_id):
        raise not_found(lead_provider, participant_id)
    if locked != records.keys():
        raise _PersonChanged
    return locked, answers


def _ids(rows: Rows) -> set[UUID]:
    return {row[0] for row in rows}


@Prepared
def _locked_records(participant_id: UUID) -> QuerySet[Participant, Any]:
    records = Participant.objects.of_person(participant_id)
    return records.select_for_update().order_by("id").values_list("id")


@Prepared
def _records(participant_id: UUID, lead_provider_id: UUID) -> QuerySet[Participant, Any]:
    """Return the records of a person, and of each whether the provider has it."""
    held = Application.objects.for_provider(LeadProvider(pk=lead_provider_id)).accepted()
    records = Participant.objects.of_person(participant_id)
    return records.values_list("id", Exists(held.filter(participant=OuterRef("pk"))))


def applications_for_course(participant_id: UUID, course_identifier: str) -> Question:
    """Ask for a person's applications for a course, with their cohorts, and lock them by id."""
    return Question(_locked_for_course, (participant_id, course_identifier), _with_cohorts)


@Prepared
def _locked_for_course(participant_id: UUID, course_identifier: str) -> QuerySet[Application, Any]:
    of_cohort = columns_of(Cohort, through="cohort")
    of_course = Application.objects.of_person(participant_id).filter(
        course__identifier=course_identifier
    )
    in_order = of_course.select_for_update(of=("self",)).order_by("id")
    return in_order.values_list(*columns_of(Application), *of_cohort)


def _with_cohorts(rows: Rows) -> list[Application]:
    return [made_with(Application, row, "cohort") for row in rows]


def lock_applications(applications: QuerySet[Application]) -> list[Application]:
    """Lock and return ``applications`` by id, with what the rules ask of them."""
    return list(
        applications.select_for_update(of=("self",))
        .select_related("participant", "lead_provider", "course__group", "cohort", "schedule")
        .order_by("id")
    )


def write(
    application: Application,
    kind: ApplicationEvent.Kind,
    changes: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    because_of: Application | None = None,
) -> None:
    """Set ``changes`` on a locked ``application`` and keep what they replaced (rules 6.6, 7.6)."""
    before = {name: getattr(application, name) for name in changes}
    place = _place_in_lists(application)
    for name, value in changes.items():
        setattr(application, name, value)
    application.updated_at = max(at, application.updated_at)
    application.save(update_fields=[*changes, "updated_at"])
    event = event_of(
        application, kind, before, changes, by=by, at=at, reason=reason, because_of=because_of
    )
    ApplicationEvent.objects.create(**event)
    touch_listings([application], at=at)
    if place not in {None, _place_in_lists(application)}:
        _leave_list(*place)


def event_of(
    application: Application,
    kind: ApplicationEvent.Kind,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    because_of: Application | None = None,
) -> dict[str, Any]:
    """Return the history of a change as the columns of an ApplicationEvent (rules 6.6, 7.6)."""
    return {
        "application_id": application.pk,
        "kind": kind,
        "before": {name: as_history_has_it(value) for name, value in before.items()},
        "after": {name: as_history_has_it(value) for name, value in after.items()},
        "because_of_id": because_of.pk if because_of else None,
        "at": at,
        "reason": reason,
        **by.columns(),
    }


def as_history_has_it(value: Any) -> Any:
    """Return a value of an application as its events keep it: in JSON, instants as texts."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, bool) else str(value)


def _place_in_lists(application: Application) -> tuple[UUID, UUID] | None:
    """Return the provider in whose list an ``application`` keeps a participant, and that one."""
    if application.status != ApplicationStatus.ACCEPTED:
        return None
    return application.lead_provider_id, application.participant_id


def _leave_list(lead_provider_id: UUID, participant_id: UUID) -> None:
    """Take a participant off a provider's list unless an acceptance keeps them (rules 4.1)."""
    whose = {"lead_provider": lead_provider_id, "participant": participant_id}
    if not Application.objects.accepted().filter(**whose).exists():
        ParticipantListing.objects.filter(**whose).update(is_current=False)


def touch_listings(applications: Iterable[Application], *, at: datetime) -> None:
    """Move the participants of ``applications`` in their providers' lists to ``at`` (rules 4.3)."""
    participants: dict[UUID, set[UUID]] = defaultdict(set)
    for application in applications:
        participants[application.lead_provider_id].add(application.participant_id)
    for lead_provider_id, participant_ids in participants.items():
        listings = ParticipantListing.objects.filter(
            lead_provider=lead_provider_id, participant__in=participant_ids
        )
        listings.update(updated_at=Greatest("updated_at", at))


def list_participants(applications: Iterable[Application], *, at: datetime) -> None:
    """Put the participants of accepted ``applications`` into their providers' lists (rules 4.3).

    Who stands there already, or did, is not listed as new.
    """
    ParticipantListing.objects.bulk_create(
        listings_of(applications, at=at),
        update_conflicts=True,
        unique_fields=["lead_provider", "participant"],
        update_fields=["is_current"],
    )


def listings_of(
    applications: Iterable[Application], *, at: datetime
) -> Collection[ParticipantListing]:
    """Return the places of the participants of accepted ``applications``, not yet saved."""
    places = {
        _place_in_lists(application): ParticipantListing(
            lead_provider_id=application.lead_provider_id,
            participant_id=application.participant_id,
            participant_created_at=application.participant.created_at,
            updated_at=max(at, application.participant.updated_at),
            is_current=True,
        )
        for application in applications
    }
    return places.values()
