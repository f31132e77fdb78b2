"""What is known of the people that some rows of an import are about (rules 11.7)."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from npq_portal.expressions import AnyOf
from npq_portal.prepared import columns_of
from participants.models import Application, ApplicationEvent, Participant
from participants.services.importing.columns import ApplicationRow

MOVES = (
    ApplicationEvent.Kind.TRANSFERRED,
    ApplicationEvent.Kind.COURSE_CHANGED,
    ApplicationEvent.Kind.SCHEDULE_CHANGED,
)
"""What can take an application to another provider, course or cohort."""


class Place(NamedTuple):
    """What an application is for, as histories write it."""

    lead_provider: str
    course: str
    cohort: str


def look_up(rows: Collection[ApplicationRow]) -> "Known":
    """Return what is known of the people in ``rows``, for an import that has everybody locked.

    Who they are stands still then. What they applied for does for those to whom a row adds.
    """
    known = Known(rows)
    known.lock(row for row in rows if known.person_of_known(row) is None)
    return known


class Known:
    """The persons and applications in the database, and those that earlier rows have added."""

    def __init__(self, rows: Collection[ApplicationRow]) -> None:
        self.persons: dict[UUID, Participant] = {}
        self._records_read: set[UUID] = set()
        self._by_trn: dict[str, list[Participant]] = defaultdict(list)
        self._by_email: dict[str, list[Participant]] = defaultdict(list)
        self._applications: dict[UUID, list[Application]] = defaultdict(list)
        self._former_places: dict[UUID, set[Place]] = defaultdict(set)
        self._holders = _known_holders(rows)
        self._read_persons([row for row in rows if row.application_id not in self._holders])
        self._read_applications({it.id for it in self.persons.values()})

    def person(self, row: ApplicationRow) -> Participant | None:
        """Return whom ``row`` is about, by its id or else by validated TRN; None when unknown."""
        if row.participant_id is not None:
            return self.persons.get(row.participant_id)
        same = self._by_trn.get(row.validated_trn or "", [])
        return min(same, key=lambda it: (it.created_at, it.id)) if same else None

    def sharing_email(self, email: str) -> list[Participant]:
        """Return the persons with this e-mail address, case folded."""
        return self._by_email.get(email.casefold(), [])

    def person_of_known(self, row: ApplicationRow) -> Participant | None:
        """Return the person whose application ``row`` is, if it is known already, else None."""
        if row.application_id is not None:
            return self._holders.get(row.application_id)
        for person in self._candidates(row):
            if any(self._was_for(it, row) for it in self._applications[person.id]):
                return person
        return None

    def records_of(self, person: Participant) -> list[Participant]:
        """Return every record of this person: those that share the validated TRN."""
        if person.validated_trn is None:
            return [person]
        return self._by_trn[person.validated_trn]

    def applications_of(self, persons: Iterable[Participant]) -> list[Application]:
        """Return all that ``persons`` applied for."""
        return [it for person in persons for it in self._applications[person.id]]

    def lock(self, rows: Iterable[ApplicationRow]) -> None:
        """Lock the persons to whom ``rows`` add, and read again what they applied for.

        Every command on applications locks the person first, all records by id, so these stand
        still.
        """
        ids = {record.id for row in rows for record in self._records_about(row)}
        if not ids:
            return
        list(Participant.objects.filter(pk__in=ids).select_for_update().order_by("id"))
        for participant_id in ids:
            self._applications.pop(participant_id, None)
        self._read_applications(ids)

    def _records_about(self, row: ApplicationRow) -> list[Participant]:
        """Return every record of whom ``row`` is about, who may get one more by it."""
        person = self.person(row)
        if person is None:
            return self._by_trn.get(row.validated_trn or "", [])
        return self.records_of(person)

    def add_person(self, person: Participant) -> None:
        """Know a person whom a row adds."""
        self._know(person, person)

    def add_application(self, application: Application) -> None:
        """Know an application that a row adds."""
        self._holders[application.id] = application.participant
        self._applications[application.participant_id].append(application)

    def _candidates(self, row: ApplicationRow) -> list[Participant]:
        if row.participant_id is not None:
            person = self.persons.get(row.participant_id)
            return [person] if person is not None else []
        return [*self._by_trn.get(row.validated_trn or "", []), *self.sharing_email(row.email)]

    def _was_for(self, application: Application, row: ApplicationRow) -> bool:
        """Return whether an application is, or was before it was moved, for what ``row`` gives."""
        place = Place(row.lead_provider.name, row.course.identifier, str(row.cohort.start_year))
        return _is_place_of(application, row) or place in self._former_places[application.id]

    def _read_persons(self, rows: Collection[ApplicationRow]) -> None:
        given = [row.participant_id for row in rows if row.participant_id is not None]
        self._add_stored(Participant.objects.filter(AnyOf("id", given)))
        emails = {row.email.casefold() for row in rows}
        self._add_stored(Participant.objects.filter(folded_email__in=emails))
        numbers = {row.validated_trn for row in rows} | {
            it.validated_trn for it in self.persons.values()
        }
        numbers.discard(None)
        self._add_stored(
            Participant.objects.filter(
                teacher_reference_number__in=numbers, teacher_reference_number_validated=True
            )
        )

    def _add_stored(self, persons: QuerySet[Participant]) -> None:
        for record in persons.select_related("id_change__survivor"):
            if record.id not in self._records_read:
                self._records_read.add(record.id)
                self._know(record, record.survivor)

    def _know(self, record: Participant, person: Participant) -> None:
        """Know a ``person`` by the details of a ``record``, perhaps one that was merged away.

        Nobody corrects the TRN of such a record any more: it is not theirs once they have another.
        """
        self.persons[record.id] = person
        self._by_email[record.email.casefold()].append(person)
        number = record.validated_trn
        if number is not None and person.validated_trn in {None, number}:
            self._by_trn[number].append(person)

    def _read_applications(self, participant_ids: Collection[UUID]) -> None:
        found = Application.objects.filter(participant__in=participant_ids).order_by("id")
        for application in found:
            self._applications[application.participant_id].append(application)
        self._former_places.update(_former_places(participant_ids))


def _former_places(participant_ids: Collection[UUID]) -> dict[UUID, set[Place]]:
    """Return where each application that was moved had been before, by its history."""
    events = ApplicationEvent.objects.filter(
        application__participant__in=participant_ids, kind__in=MOVES
    ).order_by("-id")
    places: dict[UUID, set[Place]] = defaultdict(set)
    earliest: dict[UUID, Place] = {}
    for application_id, before, *current in events.values_list(
        "application",
        "before",
        "application__lead_provider__name",
        "application__course__identifier",
        "application__cohort__start_year",
    ):
        later = earliest.get(application_id) or Place(*map(str, current))
        earlier = later._replace(**{it: before[it] for it in Place._fields if it in before})
        earliest[application_id] = earlier
        places[application_id].add(earlier)
    return places


def _known_holders(rows: Collection[ApplicationRow]) -> dict[UUID, Participant]:
    given = [row.application_id for row in rows if row.application_id is not None]
    known = Application.objects.filter(AnyOf("id", given)).select_related("participant")
    details = columns_of(Participant, through="participant")
    return {it.pk: it.participant for it in known.only("id", *details)}


def _is_place_of(application: Application, row: ApplicationRow) -> bool:
    return (application.lead_provider_id, application.course_id, application.cohort_id) == (
        row.lead_provider.pk,
        row.course.pk,
        row.cohort.pk,
    )
