"""Cohort 2021 as docs/rules.md prints it, typed once more (rules 2.1, 2.2, 2.5)."""

from dataclasses import dataclass
from datetime import date

TYPES = ("started", "retained-1", "retained-2", "completed")

GROUP_OF = {
    "npq-senior-leadership": "leadership",
    "npq-headship": "leadership",
    "npq-executive-leadership": "leadership",
    "npq-early-years-leadership": "leadership",
    "npq-leading-teaching-development": "specialist",
    "npq-leading-teaching": "specialist",
    "npq-leading-behaviour-culture": "specialist",
    "npq-leading-literacy": "specialist",
    "npq-additional-support-offer": "ASO",
    "npq-early-headship-coaching-offer": "EHCO",
}
COURSES = tuple(GROUP_OF)


def has_outcomes(course):
    return GROUP_OF[course] in {"leadership", "specialist"}


@dataclass(frozen=True)
class Schedule:
    identifier: str
    group: str
    starts: date
    accepted_from: date
    accepted_until: date
    cut_off: date

    @property
    def types(self):
        return tuple(it for it in TYPES if self.group != "specialist" or it != "retained-2")

    def takes(self, course, day):
        in_window = self.accepted_from <= day <= self.accepted_until
        return self.group == GROUP_OF[course] and in_window


NOV, DEC, JAN = date(2021, 11, 1), date(2021, 12, 1), date(2022, 1, 1)
MAR, JUN = date(2022, 3, 1), date(2022, 6, 1)
CHRISTMAS, FEB_25, JUN_25 = date(2021, 12, 25), date(2022, 2, 25), date(2022, 6, 25)

SCHEDULES = {
    it.identifier: it
    for it in (
        Schedule("npq-leadership-autumn", "leadership", NOV, date.min, CHRISTMAS, CHRISTMAS),
        Schedule("npq-leadership-spring", "leadership", JAN, date(2021, 12, 26), date.max, FEB_25),
        Schedule("npq-specialist-autumn", "specialist", NOV, date.min, CHRISTMAS, CHRISTMAS),
        Schedule("npq-specialist-spring", "specialist", JAN, date(2021, 12, 26), date.max, FEB_25),
        Schedule("npq-aso-november", "ASO", NOV, date.min, date(2021, 11, 30), CHRISTMAS),
        Schedule("npq-aso-december", "ASO", DEC, DEC, date(2022, 2, 28), CHRISTMAS),
        Schedule("npq-aso-march", "ASO", MAR, MAR, date(2022, 5, 31), JUN_25),
        Schedule("npq-aso-june", "ASO", JUN, JUN, date.max, JUN_25),
        Schedule("npq-ehco-june", "EHCO", JUN, date.min, date.max, JUN_25),
    )
}

PERIODS = (
    ("January 2022", CHRISTMAS, date(2022, 1, 25)),
    ("March 2022", FEB_25, date(2022, 3, 25)),
    ("July 2022", JUN_25, date(2022, 7, 25)),
)
"""Period, deadline and payment date of those that are there from the beginning."""

LATER_PERIOD = ("October 2022", date(2022, 10, 25), date(2022, 10, 25))
"""Opened by staff after a summer in which declarations waited."""
