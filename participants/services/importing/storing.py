"""What the rows of an import add to each table, its history as well, and how it is written."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Model

from npq_portal.bulk_create import bulk_create
from npq_portal.history import Actor
from npq_portal.prepared import columns_of
from participants.choices import ApplicationStatus
from participants.fields import FoldedField
from participants.models import (
    Application,
    ApplicationEvent,
    Participant,
    ParticipantListing,
    ParticipantWord,
    words_of_people,
)
from participants.services.applications import REJECTED_WITH, accepted_values, reject
from participants.services.importing.deciding import Additions
from participants.services.records import (
    event_of,
    list_participants,
    listings_of,
    lock_applications,
    touch_listings,
)

PENDING = {"status": ApplicationStatus.PENDING}

Version = Participant.history.model
DETAILS = tuple(it.attname for it in Version.tracked_fields)
VERSION = (*DETAILS, "history_date", "history_change_reason", "history_type")
WORD = columns_of(ParticipantWord)
PARTICIPANT = columns_of(Participant)
APPLICATION = columns_of(Application)
EVENT, LISTING = (
    tuple(it for it in columns_of(model) if it != "id")  # which the database gives
    for model in (ApplicationEvent, ParticipantListing)
)
FOLDED = [it for it in Participant._meta.concrete_fields if isinstance(it, FoldedField)]  # noqa: SLF001

Rows = list[tuple[Any, ...]]


class Table(NamedTuple):
    """What is added to the table of a model."""

    model: type[Model]
    columns: tuple[str, ...]
    rows: Rows

    def write(self) -> None:
        """Write it, many rows at a time, if there is any."""
        if self.rows:
            bulk_create(self.model, self.columns, self.rows)


class Following(NamedTuple):
    """What is written once the records are: of new people, and of applications of known ones."""

    tables: list[Table]
    of_known_people: list[Application]


def tables_of_records(additions: Additions, *, by: Actor, at: datetime) -> list[Table]:
    """Return the people and applications that came at ``at`` (UTC), with the latters' history.

    The database is not asked.
    """
    people = map(_folded, additions.participants)
    return [
        Table(Participant, PARTICIPANT, _values(people, PARTICIPANT)),
        Table(Application, APPLICATION, _values(additions.applications, APPLICATION)),
        Table(ApplicationEvent, EVENT, _rows(_events(additions, by=by, at=at), EVENT)),
    ]


class Storage:
    """Writes what rows add as of ``at`` (UTC), while others are made in a thread ``beside``."""

    def __init__(self, beside: Executor, *, by: Actor, at: datetime) -> None:
        self.beside, self.by, self.at = beside, by, at
        self._following: Future[Following] = beside.submit(_following, Additions(), by, at)

    def store_records(self, additions: Additions, tables: list[Table]) -> None:
        """Write ``tables_of_records`` and reject what ``additions`` reject.

        The next rows are held against them.
        """
        self._following = self.beside.submit(_following, additions, self.by, self.at)
        for table in tables:
            table.write()
        _reject_stored_siblings(additions, by=self.by, at=self.at)

    def store_what_follows(self) -> None:
        """Write how the people of the records are found and listed, and their versions.

        No row is held against that.
        """
        following = self._following.result()
        for table in following.tables:
            table.write()
        list_participants(_accepted(following.of_known_people), at=self.at)
        touch_listings(following.of_known_people, at=self.at)


def _following(additions: Additions, by: Actor, at: datetime) -> Following:
    people = additions.participants
    new = {it.id for it in people}
    of_new = (it for it in additions.applications if it.participant_id in new)
    # Who is new is in no list yet.
    listings = listings_of(_accepted(of_new), at=at)
    tables = [
        Table(ParticipantWord, WORD, list(words_of_people(people))),
        Table(Version, VERSION, _first_versions(people, by=by, at=at)),
        Table(ParticipantListing, LISTING, _values(listings, LISTING)),
    ]
    return Following(tables, [it for it in additions.applications if it.participant_id not in new])


def _reject_stored_siblings(additions: Additions, *, by: Actor, at: datetime) -> None:
    new = {it.id for it in additions.applications}
    causes = {sibling.id: cause for sibling, cause in additions.rejections if sibling.id not in new}
    for sibling in lock_applications(Application.objects.filter(pk__in=causes)):
        reject(sibling, by=by, at=at, because_of=causes[sibling.id])


def _values(instances: Iterable[Model], columns: tuple[str, ...]) -> Rows:
    return _rows(map(vars, instances), columns)


def _rows(records: Iterable[dict[str, Any]], columns: tuple[str, ...]) -> Rows:
    return list(map(itemgetter(*columns), records))


def _accepted(applications: Iterable[Application]) -> Iterator[Application]:
    return (it for it in applications if it.status == ApplicationStatus.ACCEPTED)


def _folded(participant: Participant) -> Participant:
    for field in FOLDED:
        field.pre_save(participant, add=True)
    return participant


def _first_versions(participants: Iterable[Participant], *, by: Actor, at: datetime) -> Rows:
    return [(*details, at, by.command, "+") for details in _values(participants, DETAILS)]


def _events(additions: Additions, *, by: Actor, at: datetime) -> Iterator[dict[str, Any]]:
    kinds = ApplicationEvent.Kind
    causes = {rejected.id: accepted for rejected, accepted in additions.rejections}
    for application in additions.applications:
        yield event_of(application, kinds.REGISTERED, {}, PENDING, by=by, at=at)
        if application.status == ApplicationStatus.ACCEPTED:
            before, after = _acceptance(application)
            yield event_of(application, kinds.ACCEPTED, before, after, by=by, at=at)
        elif application.status == ApplicationStatus.REJECTED:
            cause = causes.get(application.id)
            yield event_of(
                application,
                kinds.REJECTED,
                PENDING,
                {"status": ApplicationStatus.REJECTED},
                by=by,
                at=at,
                reason=REJECTED_WITH if cause else "",
                because_of=cause,
            )


def _acceptance(application: Application) -> tuple[dict[str, object], dict[str, object]]:
    """Return the values before and after the acceptance that ``application`` came with."""
    assert application.accepted_at is not None  # noqa: S101 - held by a constraint
    assert application.schedule is not None  # noqa: S101 - held by a constraint
    after = accepted_values(at=application.accepted_at, schedule=application.schedule)
    return dict.fromkeys(after) | PENDING, after
