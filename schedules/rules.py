"""Pure decisions about reference data: windows, milestones, moved dates (rules 2.4, 14.11)."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Protocol, TypeVar

from npq_portal.clock import london_day, start_of_day
from npq_portal.errors import BASE, ErrorCode, Refusal
from schedules.choices import DeclarationType

DAY = timedelta(days=1)


class AcceptanceWindow(Protocol):
    """The days on which an acceptance leads to a schedule; None leaves that side open."""

    @property
    def accepted_from(self) -> date | None:
        """The first of the days."""

    @property
    def accepted_until(self) -> date | None:
        """The last of the days."""


Window = TypeVar("Window", bound=AcceptanceWindow)


def takes(window: AcceptanceWindow, day: date) -> bool:
    """Return whether ``window`` holds the London ``day``; both of its ends belong to it."""
    return (window.accepted_from is None or window.accepted_from <= day) and (
        window.accepted_until is None or day <= window.accepted_until
    )


def schedules_taking(windows: Iterable[Window], day: date) -> list[Window]:
    """Return those of ``windows`` that hold ``day``; an acceptance needs exactly one."""
    return [window for window in windows if takes(window, day)]


@dataclass(frozen=True, slots=True)
class NamedWindow:
    """The acceptance window of the schedule called ``name``."""

    name: str
    accepted_from: date | None
    accepted_until: date | None


@dataclass(frozen=True, slots=True)
class Spoiled:
    """Days, both ends included, that an edit leaves to none of the schedules or to several."""

    first: date
    last: date
    names: tuple[str, ...]

    def __str__(self) -> str:
        taken = f"taken by {' and '.join(self.names)}" if self.names else "taken by no schedule"
        return f"{_day_range(self.first, self.last)}: {taken}"


def spoiled_days(before: Collection[NamedWindow], after: Collection[NamedWindow]) -> list[Spoiled]:
    """Return the days that lose their only schedule, or get several at once (rules 14.11).

    ``before`` and ``after`` are all windows of one cohort and course group. A day that has none or
    several already may stay so.
    """
    # From one of these days to the next nothing changes: the first of a stretch speaks for it.
    starts = sorted({date.min} | _days_of_change(before) | _days_of_change(after))
    ends = [later - DAY for _, later in pairwise(starts)] + [date.max]
    spoiled: list[Spoiled] = []
    for first, last in zip(starts, ends, strict=True):
        names = tuple(it.name for it in schedules_taking(after, first))
        if not _is_spoiled(len(schedules_taking(before, first)), len(names)):
            continue
        goes_on = spoiled and spoiled[-1].last + DAY == first and spoiled[-1].names == names
        begun = spoiled.pop().first if goes_on else first
        spoiled.append(Spoiled(begun, last, names))
    return spoiled


def _is_spoiled(before: int, after: int) -> bool:
    return after != 1 and before <= 1 and after != before


def _days_of_change(windows: Iterable[AcceptanceWindow]) -> set[date]:
    """Return the days on which a window begins, or has just ended."""
    windows = list(windows)
    begin = {it.accepted_from for it in windows if it.accepted_from}
    return begin | {
        it.accepted_until + DAY
        for it in windows
        if it.accepted_until and it.accepted_until < date.max
    }


def _day_range(first: date, last: date) -> str:
    if first == date.min:
        return "every day" if last == date.max else f"until {last}"
    if last == date.max:
        return f"from {first} on"
    return f"{first}" if first == last else f"{first} to {last}"


def refusals_to_set_windows(
    before: Collection[NamedWindow], after: Collection[NamedWindow]
) -> Iterable[Refusal]:
    """Yield why the windows of a cohort and course group can't become ``after`` (rules 14.11)."""
    reversed_ = [
        it.name
        for it in after
        if it.accepted_from and it.accepted_until and it.accepted_until < it.accepted_from
    ]
    if reversed_:
        yield Refusal(
            "accepted_until",
            ErrorCode.INVALID,
            f"The window ends before it begins: {', '.join(reversed_)}.",
        )
        return
    spoiled = spoiled_days(before, after)
    if spoiled:
        yield Refusal(
            BASE,
            ErrorCode.DAYS_WITHOUT_ONE_SCHEDULE,
            "An acceptance needs exactly one schedule, and these days would not have it. Move the"
            " windows beside them as well.",
            tuple(map(str, spoiled)),
        )


@dataclass(frozen=True, slots=True)
class MilestoneDates:
    """A milestone as it is, or is to be; the dates are London days."""

    declaration_type: str
    start_date: date
    cut_off_date: date | None


@dataclass(frozen=True, slots=True)
class StandingDeclaration:
    """A declaration in its slot: the earliest date (UTC) and how many of its type there are."""

    declaration_type: str
    earliest: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestonesEdit:
    """What an edit of the milestones of one schedule asks.

    ``paid_withdrawals`` are the UTC instants of whatever withdrawals there were of people who were
    paid for, ``priced`` says whether an amount was paid.
    """

    before: Collection[MilestoneDates]
    after: Collection[MilestoneDates]
    declarations: Collection[StandingDeclaration]
    paid_withdrawals: Collection[datetime]
    priced: bool


def started_cut_off(milestones: Iterable[MilestoneDates]) -> date | None:
    """Return the cut-off date of the ``started`` milestone; None without one (rules 10.1)."""
    started = (it for it in milestones if it.declaration_type == DeclarationType.STARTED)
    return next((it.cut_off_date for it in started), None)


def refusals_to_edit_milestones(edit: MilestonesEdit) -> Iterable[Refusal]:
    """Yield why the milestones of a schedule can't become others (rules 14.11)."""
    yield from _refusals_for_form(edit.after)
    types = {it.declaration_type for it in edit.after}
    lacking = [it for it in edit.declarations if it.declaration_type not in types]
    if lacking:
        yield Refusal(
            "declaration_type",
            ErrorCode.DECLARATIONS_CONFLICT,
            "There are declarations of this type. Void them first.",
            _listed(lacking),
        )
    first = min((it.start_date for it in edit.after), default=None)
    early = [it for it in edit.declarations if first and it.earliest < start_of_day(first)]
    if early:
        yield Refusal(
            "start_date",
            ErrorCode.DECLARATIONS_CONFLICT,
            f"The schedule would start on {first}, after what has been declared. Choose an earlier"
            " day, or void them first.",
            _listed(early),
        )
    if edit.priced and types != {it.declaration_type for it in edit.before}:
        yield Refusal(
            BASE,
            ErrorCode.DECLARATIONS_CONFLICT,
            "Declarations of this schedule have been paid as a share among its types; the types"
            " can't change any more.",
        )
    yield from _refusals_to_move_cut_off(edit)


def _refusals_for_form(milestones: Iterable[MilestoneDates]) -> Iterable[Refusal]:
    for it in milestones:
        if it.declaration_type not in DeclarationType.values:
            known = ", ".join(DeclarationType.values)
            yield Refusal(
                "declaration_type", ErrorCode.INVALID, f"The type must be one of: {known}."
            )
        if it.cut_off_date and it.cut_off_date < it.start_date:
            yield Refusal(
                "cut_off_date",
                ErrorCode.INVALID,
                f"{it.cut_off_date} is before the milestone starts on {it.start_date}.",
            )


def _refusals_to_move_cut_off(edit: MilestonesEdit) -> Iterable[Refusal]:
    old, new = started_cut_off(edit.before), started_cut_off(edit.after)
    if new is None or new == old:
        return
    withdrawals = Counter(map(london_day, edit.paid_withdrawals))
    left = sorted(day for day in withdrawals if day < new and not (old and day < old))
    if left:
        yield Refusal(
            "cut_off_date",
            ErrorCode.DECLARATIONS_CONFLICT,
            "People who have been paid for withdrew before that day."
            f" Choose {left[0]} or an earlier day.",
            tuple(f"{withdrawals[day]} on {day}" for day in left),
        )


def _listed(declarations: Iterable[StandingDeclaration]) -> tuple[str, ...]:
    return tuple(
        f"{it.count} {it.declaration_type}, the earliest on {london_day(it.earliest)}"
        for it in declarations
    )


def moved_by_years(day: date, years: int) -> date:
    """Return ``day`` so many years later, 29 February as 28 where there is none (rules 14.12).

    Raises ValueError for a year that no date has.
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        if (day.month, day.day) != (2, 29):
            raise
        return day.replace(year=day.year + years, day=28)


def last_day_moved_by_years(day: date, years: int) -> date:
    """Return the last day of a window so many years later: that before the next window's first.

    So a window that ends with February does so in every year, and no day falls between two.
    """
    return moved_by_years(day + DAY, years) - DAY


def name_moved_by_years(name: str, dates: Iterable[date], years: int) -> str:
    """Return ``name`` with the year in it moved, where it is that of one of its ``dates``."""
    known = {str(it.year): str(it.year + years) for it in dates}
    return " ".join(known.get(word, word) for word in name.split(" "))
