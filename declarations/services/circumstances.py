"""What a declaration is held against: its schedule, and what stands already (rules 8.3 to 8.9)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.db.models import QuerySet

from declarations.models import Declaration
from declarations.rules import COUNTED, Facts
from declarations.services.records import facts_of
from npq_portal.prepared import Prepared, Question, Rows, columns_of, made_of
from participants.models import Application, Participant
from schedules.choices import DeclarationType
from schedules.models import Milestone


class Standing(NamedTuple):
    """A ``declaration`` that holds a slot (rules 8.7), and whose it is."""

    declaration: Declaration
    participant_id: UUID


def standing_of(participant_id: UUID, course_identifier: str, declaration_type: str) -> Question:
    """Ask what holds slots of a type in the applications of a person for a course.

    The first to be made comes first.
    """
    return Question(_in_slot, (participant_id, course_identifier, declaration_type), _standing)


@Prepared
def _in_slot(
    participant_id: UUID, course_identifier: str, declaration_type: str
) -> QuerySet[Declaration, Any]:
    of_type = Declaration.objects.in_slot().filter(
        application__participant__in=Participant.objects.of_person(participant_id),
        application__course__identifier=course_identifier,
        declaration_type=declaration_type,
    )
    and_whose = (*columns_of(Declaration), "application__participant_id")
    return of_type.order_by("created_at", "id").values_list(*and_whose)


def _standing(rows: Rows) -> list[Standing]:
    return [Standing(made_of(Declaration, row), row[-1]) for row in rows]


def milestones_of(participant_id: UUID, course_identifier: str) -> Question:
    """Ask for the milestones of all schedules on which a person is for a course."""
    return Question(_of_schedules, (participant_id, course_identifier), _made)


@Prepared
def _of_schedules(participant_id: UUID, course_identifier: str) -> QuerySet[Milestone, Any]:
    of_person = Application.objects.of_person(participant_id)
    schedules = of_person.filter(course__identifier=course_identifier).values("schedule")
    in_order = Milestone.objects.filter(schedule__in=schedules).order_by("start_date", "id")
    return in_order.values_list(*columns_of(Milestone))


def _made(rows: Rows) -> list[Milestone]:
    return [made_of(Milestone, row) for row in rows]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """A locked application, the milestones of its schedule by type, and what stands of one type."""

    application: Application
    milestones: dict[str, Milestone]
    standing: Sequence[Standing]

    @classmethod
    def of(
        cls,
        application: Application,
        milestones: Iterable[Milestone],
        standing: Sequence[Standing],
    ) -> Self:
        """Return the circumstances of a declaration beside those that are ``standing``.

        ``milestones`` of other schedules don't matter.
        """
        own = (it for it in milestones if it.schedule_id == application.schedule_id)
        return cls(application, {it.declaration_type: it for it in own}, standing)

    def first_milestone(self) -> Milestone | None:
        """Return the milestone with which the schedule begins, None where it has none."""
        return min(self.milestones.values(), key=lambda it: it.start_date, default=None)

    def is_slot_taken(self) -> bool:
        """Return whether the application, or another for its course, leaves no room (rules 8.7)."""
        own, person = self.application.pk, self.application.participant_id
        return any(
            it.application_id == own or (participant_id == person and it.state in COUNTED)
            for it, participant_id in self.standing
        )

    def duplicated(self) -> Declaration | None:
        """Return what counts for the person under another record (rules 8.9)."""
        own = self.application.participant_id
        counted = (
            it
            for it, participant_id in self.standing
            if participant_id != own and it.state in COUNTED
        )
        return next(counted, None)

    def facts(self) -> Facts:
        """Return what payment hangs on (rules 10.3)."""
        return facts_of(
            self.application,
            started=self.milestones.get(DeclarationType.STARTED),
            duplicate=self.duplicated() is not None,
        )
