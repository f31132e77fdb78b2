"""Who applies in the year, as files of applications for the import."""

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from tests.simulation.records import Application, Person, start_of
from tests.simulation.reference import COURSES, GROUP_OF

COLUMNS = (
    "application_id",
    "participant_id",
    "full_name",
    "email",
    "teacher_reference_number",
    "teacher_reference_number_validated",
    "provider",
    "course_identifier",
    "cohort",
    "status",
    "accepted_at",
    "eligible_for_funding",
)


@dataclass(frozen=True)
class Row:
    """One row of a file: an application, and when it was accepted if it was."""

    application: Application
    accepted_at: datetime | None

    def cells(self):
        it = self.application
        return {
            "application_id": it.id,
            "participant_id": it.person.id,
            "full_name": "Ada Lovelace",
            "email": f"{it.person.id}@example.org",
            "teacher_reference_number": it.person.trn or "",
            "teacher_reference_number_validated": "true" if it.person.trn else "",
            "provider": it.provider,
            "course_identifier": it.course,
            "cohort": "2021",
            "status": "accepted" if self.accepted_at else "pending",
            "accepted_at": self.accepted_at.isoformat() if self.accepted_at else "",
            "eligible_for_funding": "true" if it.funded else "false",
        }


class Applicants:
    """Makes people up by chance, some of them with more than one application or record."""

    def __init__(self, chance, providers):
        self.chance = chance
        self.providers = providers
        self.trns = count(1_000_000)

    def rows(self, people, accepted_from, accepted_until):
        """Yield the applications of so many people, accepted between two London days."""
        for _ in range(people):
            first = self._application(self._person(), self.chance.choice(COURSES))
            accepted = self.chance.random() < 0.9
            yield Row(first, self._between(accepted_from, accepted_until) if accepted else None)
            yield from self._further(first)

    def _further(self, first):
        """Yield what else some hand in: the course elsewhere, under a second record, another."""
        elsewhere = self.chance.choice([it for it in self.providers if it != first.provider])
        fate = self.chance.random()
        if fate < 0.05:
            yield Row(self._application(first.person, first.course, elsewhere), None)
        elif fate < 0.12 and first.person.trn:
            second_record = Person(self._uuid(), first.person.trn)
            yield Row(self._application(second_record, first.course, elsewhere), None)
        elif fate < 0.15:
            others = [it for it in COURSES if GROUP_OF[it] != GROUP_OF[first.course]]
            yield Row(self._application(first.person, self.chance.choice(others)), None)

    def _person(self):
        trn = str(next(self.trns)) if self.chance.random() < 0.8 else None
        return Person(self._uuid(), trn)

    def _application(self, person, course, provider=None):
        return Application(
            id=self._uuid(),
            person=person,
            provider=provider or self.chance.choice(self.providers),
            course=course,
            funded=self.chance.random() < 0.8,
        )

    def _between(self, first, last):
        """Return an instant on one of the days, now and then the first or last second of one."""
        day = first + timedelta(days=self.chance.randrange((last - first).days + 1))
        second = self.chance.choice((0, 86_399, self.chance.randrange(86_400)))
        return start_of(day) + timedelta(seconds=second)

    def _uuid(self):
        return str(UUID(int=self.chance.getrandbits(128), version=4))


def write(rows, path):
    """Write the rows to a file for the import."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(row.cells() for row in rows)
