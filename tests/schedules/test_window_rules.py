"""Days of acceptance, counted one by one, against the rule over windows (rules 14.11, 14.12)."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.rules import (
    NamedWindow,
    Spoiled,
    last_day_moved_by_years,
    moved_by_years,
    name_moved_by_years,
    schedules_taking,
    spoiled_days,
)

FIRST = date(2024, 2, 20)
DAYS = [FIRST + timedelta(days=number) for number in range(20)]
BEYOND = [date.min, *DAYS, date.max]

days = st.none() | st.sampled_from(DAYS[2:-2])


@st.composite
def windows(draw):
    first, last = draw(days), draw(days)
    if first and last and last < first:
        first, last = last, first
    return NamedWindow(draw(st.sampled_from("abc")), first, last)


some_windows = st.lists(windows(), max_size=4)


@given(some_windows, some_windows)
def test_the_rule_is_what_counting_day_by_day_says(before, after):
    counted = {}
    for day in BEYOND:
        was, takers = len(schedules_taking(before, day)), schedules_taking(after, day)
        if (was == 1 and len(takers) != 1) or (was == 0 and len(takers) > 1):
            counted[day] = tuple(it.name for it in takers)
    found = spoiled_days(before, after)
    told = {
        day: stretch.names
        for day in BEYOND
        for stretch in found
        if stretch.first <= day <= stretch.last
    }
    assert told == counted
    for earlier, later in pairwise(found):
        apart = later.first - earlier.last > timedelta(days=1)
        assert apart or later.names != earlier.names


@given(some_windows)
def test_what_stays_spoils_nothing(same):
    assert spoiled_days(same, same) == []


@pytest.mark.parametrize(
    ("stretch", "words"),
    [
        (Spoiled(date.min, date.max, ()), "every day: taken by no schedule"),
        (Spoiled(date.min, FIRST, ()), "until 2024-02-20: taken by no schedule"),
        (Spoiled(FIRST, date.max, ("a", "b")), "from 2024-02-20 on: taken by a and b"),
        (Spoiled(FIRST, FIRST, ()), "2024-02-20: taken by no schedule"),
        (Spoiled(FIRST, DAYS[3], ("a", "b")), "2024-02-20 to 2024-02-23: taken by a and b"),
    ],
)
def test_days_are_named_by_ranges(stretch, words):
    assert str(stretch) == words


@given(st.sampled_from(DAYS), st.integers(-8, 8))
def test_two_windows_that_meet_still_meet_in_another_year(last, years):
    next_first = moved_by_years(last + timedelta(days=1), years)
    assert last_day_moved_by_years(last, years) + timedelta(days=1) == next_first


def test_a_leap_day_becomes_the_28th_and_ends_of_february_stay_ends():
    assert moved_by_years(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert moved_by_years(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert last_day_moved_by_years(date(2022, 2, 28), 2) == date(2024, 2, 29)
    with pytest.raises(ValueError, match="year"):
        moved_by_years(date(9999, 1, 1), 1)


def test_a_name_keeps_up_with_its_dates():
    dates = [date(2021, 12, 25), date(2022, 1, 25)]
    assert name_moved_by_years("January 2022", dates, 1) == "January 2023"
    assert name_moved_by_years("Backlog of 2019", dates, 1) == "Backlog of 2019"
