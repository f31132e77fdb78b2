"""Instants and days: how they are read, cut and converted (rules 1.2 and 1.3)."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_INSTANT = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[Tt](?P<time>\d{2}:\d{2}:\d{2})(?:\.\d+)?"
    r"(?P<offset>[Zz]|[+-]\d{2}:\d{2})",
    re.ASCII,
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def london_day(instant: datetime) -> date:
    """Return the calendar day of an aware ``instant`` in Europe/London (rules 1.2)."""
    return instant.astimezone(LONDON).date()


def london_time(instant: datetime) -> str:
    """Return an aware ``instant`` as people read it: ``24 Nov 2026, 14:30 GMT`` (rules 13.9)."""
    local = instant.astimezone(LONDON)
    return f"{day_in_words(local.date())}, {local:%H:%M %Z}"


def day_in_words(day: date) -> str:
    """Return a ``day`` as people read it: ``24 Nov 2026`` (rules 13.9)."""
    return f"{day.day} {day:%b %Y}"


def start_of_day(day: date) -> datetime:
    """Return the UTC instant at which ``day`` begins in Europe/London (rules 1.2)."""
    return datetime.combine(day, time.min, tzinfo=LONDON).astimezone(UTC)


def whole_seconds(instant: datetime) -> datetime:
    """Return ``instant`` without its fraction of a second: cut, not rounded (rules 1.3)."""
    return instant.replace(microsecond=0)


def parse_instant(text: object) -> datetime | None:
    """Read an RFC 3339 instant with time and offset.

    Returns it in UTC, cut to whole seconds, or None when ``text`` is anything else or lies
    outside the years that can be stored (rules 1.3, 3.5).
    """
    match = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    try:
        local = datetime.fromisoformat(f"{match['day']}T{match['time']}")
        return (local - _offset(match["offset"])).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _offset(text: str) -> timedelta:
    if text in {"Z", "z"}:
        return timedelta()
    hours, minutes = int(text[1:3]), int(text[4:6])
    if minutes > 59:
        raise ValueError(text)
    size = timedelta(hours=hours, minutes=minutes)
    timezone(size)  # refuses an offset of a day or more
    return -size if text[0] == "-" else size


def parse_day(text: object) -> date | None:
    """Read a ``YYYY-MM-DD`` day; None when ``text`` is anything else (rules 3.5)."""
    if not isinstance(text, str) or _DAY.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
