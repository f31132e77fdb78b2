"""A cohort placed around today, so that its records stand in every state (rules 11.8)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from npq_portal.clock import start_of_day

AGE = 270
"""Days since the first schedule of the cohort began."""

FIRST_DAY = -40
"""The day, counted from that beginning, on which everything is set up."""

SPRING = 60
WINDOW_END = 50
PERIODS = ((60, 75), (150, 165), (255, 285), (330, 345), (420, 435))
"""Deadline and payment of each period, as days from the beginning."""

LEADERSHIP_TYPES = ("started", "retained-1", "retained-2", "completed")
SPECIALIST_TYPES = ("started", "retained-1", "completed")


@dataclass(frozen=True, slots=True)
class DemoDates:
    """Everything that is counted from the London day ``today``."""

    today: date

    @property
    def cohort(self) -> int:
        """The start year of the academic year in which the first schedule began."""
        begin = self.day(0)
        return begin.year if begin.month >= 9 else begin.year - 1

    def day(self, number: int) -> date:
        """Return the London day that is ``number`` days after the first schedule began."""
        return self.today + timedelta(days=number - AGE)

    def instant(self, number: int, *, minutes: int = 0) -> datetime:
        """Return the UTC instant ``minutes`` after eight in the morning of a day."""
        return start_of_day(self.day(number)) + timedelta(hours=8, minutes=minutes)

    def files(self) -> dict[str, list[str]]:
        """Return the cohort as the lines of reference data files, by their names."""
        schedules = ["cohort,identifier,group,accepted_from,accepted_until"]
        milestones = ["cohort,schedule,declaration_type,start_date,cut_off_date,payment_date"]
        for group, first, second, types in (
            ("leadership", "npq-leadership-autumn", "npq-leadership-spring", LEADERSHIP_TYPES),
            ("specialist", "npq-specialist-autumn", "npq-specialist-spring", SPECIALIST_TYPES),
            ("ASO", "npq-aso-november", "npq-aso-march", LEADERSHIP_TYPES),
            ("EHCO", "npq-ehco-november", "npq-ehco-march", LEADERSHIP_TYPES),
        ):
            until, since = self.day(WINDOW_END), self.day(WINDOW_END + 1)
            schedules.append(f"{self.cohort},{first},{group},,{until}")
            schedules.append(f"{self.cohort},{second},{group},{since},")
            for schedule, begin in ((first, 0), (second, SPRING)):
                milestones += self._milestones(schedule, begin, types)
        return {
            "cohorts.csv": ["start_year", str(self.cohort)],
            "schedules.csv": schedules,
            "milestones.csv": milestones,
        }

    def _milestones(self, schedule: str, begin: int, types: tuple[str, ...]) -> list[str]:
        cut_offs = {"started": self.day(begin + 54)}
        return [
            f"{self.cohort},{schedule},{kind},{self.day(begin)},{cut_offs.get(kind, '')},"
            for kind in types
        ]
