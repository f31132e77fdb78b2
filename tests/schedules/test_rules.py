from dataclasses import dataclass
from datetime import date

import pytest

from schedules.rules import schedules_taking


@dataclass
class Window:
    name: str
    accepted_from: date | None
    accepted_until: date | None


AUTUMN = Window("autumn", None, date(2021, 12, 25))
SPRING = Window("spring", date(2021, 12, 26), None)


@pytest.mark.parametrize(
    ("day", "names"),
    [
        (date(2021, 9, 1), ["autumn"]),
        (date(2021, 12, 24), ["autumn"]),
        (date(2021, 12, 25), ["autumn"]),
        (date(2021, 12, 26), ["spring"]),
        (date(2026, 11, 24), ["spring"]),
    ],
)
def test_autumn_takes_acceptances_through_christmas_day_and_spring_those_after(day, names):
    assert [it.name for it in schedules_taking([AUTUMN, SPRING], day)] == names


def test_a_day_between_two_windows_is_taken_by_none_and_a_day_in_both_by_both():
    early = Window("early", None, date(2021, 11, 30))
    late = Window("late", date(2021, 12, 2), None)
    both = Window("both", date(2021, 11, 30), date(2021, 12, 2))
    assert schedules_taking([early, late], date(2021, 12, 1)) == []
    assert schedules_taking([early, late, both], date(2021, 11, 30)) == [early, both]
