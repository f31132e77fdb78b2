from datetime import UTC, date, datetime

import pytest

from npq_portal.clock import london_day, london_time, parse_day, parse_instant, start_of_day


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2021-11-01T09:00:00Z", datetime(2021, 11, 1, 9, tzinfo=UTC)),
        ("2021-11-01t09:00:00z", datetime(2021, 11, 1, 9, tzinfo=UTC)),
        ("2021-11-01T09:00:00.999999999Z", datetime(2021, 11, 1, 9, tzinfo=UTC)),
        ("2021-11-01T09:00:00+01:30", datetime(2021, 11, 1, 7, 30, tzinfo=UTC)),
        ("2021-11-01T09:00:00-00:00", datetime(2021, 11, 1, 9, tzinfo=UTC)),
        ("2021-11-02T04:00:00+19:00", datetime(2021, 11, 1, 9, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_utc_and_cut_to_the_second(text, instant):
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2021-11-01",
        "2021-11-01T09:00:00",
        "2021-11-01 09:00:00Z",
        "2021-11-01T09:00Z",
        "2021-11-31T09:00:00Z",
        "2021-11-01T24:00:00Z",
        "2021-11-01T09:00:00+24:00",
        "2021-11-01T09:00:00+01:60",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "٢٠٢١-11-01T09:00:00Z",
        "2021-11-01T09:00:00Z\n",
        "2021-11-01T09:00:00Z\x00",
        20211101,
        None,
        ["2021-11-01T09:00:00Z"],
    ],
)
def test_anything_else_is_no_instant(text):
    assert parse_instant(text) is None


def test_a_day_is_read_only_as_year_month_and_day():
    assert parse_day("2022-02-28") == date(2022, 2, 28)
    for text in ("2022-02-29", "20220228", "2022-W01-1", "2022-02-28T00:00:00Z", 1, None):
        assert parse_day(text) is None


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2021, 12, 25), datetime(2021, 12, 25, 0, tzinfo=UTC)),
        (date(2022, 6, 1), datetime(2022, 5, 31, 23, tzinfo=UTC)),
        (date(2022, 3, 27), datetime(2022, 3, 27, 0, tzinfo=UTC)),
        (date(2022, 3, 28), datetime(2022, 3, 27, 23, tzinfo=UTC)),
        (date(2022, 10, 30), datetime(2022, 10, 29, 23, tzinfo=UTC)),
        (date(2022, 10, 31), datetime(2022, 10, 31, 0, tzinfo=UTC)),
    ],
)
def test_a_day_begins_when_it_begins_in_london(day, instant):
    assert start_of_day(day) == instant
    assert london_day(instant) == day


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 1, 5, 23, 30, tzinfo=UTC), "5 Jan 2026, 23:30 GMT"),
        (datetime(2026, 7, 15, 23, 30, tzinfo=UTC), "16 Jul 2026, 00:30 BST"),
        # The hour that comes twice.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "25 Oct 2026, 01:30 BST"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25 Oct 2026, 01:30 GMT"),
    ],
)
def test_a_time_is_written_for_people_as_london_has_it(instant, text):
    assert london_time(instant) == text
