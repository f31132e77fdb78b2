"""Loading of reference data, one loader for each file (rules 2.6, 11.2).

A loader adds the rows that the database does not have and never changes one that it has. Faults
are noted on the row; who calls undoes everything when there are any.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from simple_history.utils import update_change_reason

from npq_portal.errors import Refusals, Refused
from npq_portal.history import Actor
from schedules.choices import DeclarationType
from schedules.csv_rows import Row
from schedules.models import Cohort, Course, CourseGroup, Milestone, Schedule
from schedules.rules import MilestoneDates
from schedules.services.editing.milestones import (
    check_milestones,
    dates_of,
    dates_of_milestone,
    lock_schedule,
    tell_of_cut_off,
)

COLUMNS: dict[str, tuple[str, ...]] = {
    "cohorts.csv": ("start_year",),
    "course_groups.csv": ("name", "has_outcomes"),
    "courses.csv": ("identifier", "name", "short_name", "group"),
    "schedules.csv": ("cohort", "identifier", "group", "accepted_from", "accepted_until"),
    "milestones.csv": (
        "cohort",
        "schedule",
        "declaration_type",
        "start_date",
        "cut_off_date",
        "payment_date",
    ),
}


@dataclass(slots=True)
class LoadReport:
    """What loading a file did: rows ``added``, left as the ``same``, and left as ``differing``.

    What a row ``changed`` beside itself is told in sentences, as the differences are.
    """

    added: int = 0
    same: int = 0
    differing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def load_cohorts(rows: Iterable[Row], *, by: Actor) -> LoadReport:
    """Load ``cohorts.csv``."""
    report = LoadReport()
    for row in rows:
        _keep(Cohort.objects, row, report, by, key={"start_year": row.year("start_year")})
    return report


def load_course_groups(rows: Iterable[Row], *, by: Actor) -> LoadReport:
    """Load ``course_groups.csv``."""
    report = LoadReport()
    for row in rows:
        key = {"name": row.text("name", 50)}
        values = {"has_outcomes": row.flag("has_outcomes")}
        _keep(CourseGroup.objects, row, report, by, key=key, values=values)
    return report


def load_courses(rows: Iterable[Row], *, by: Actor) -> LoadReport:
    """Load ``courses.csv``."""
    report = LoadReport()
    for row in rows:
        key = {"identifier": row.text("identifier", 100)}
        values = {
            "name": row.text("name", 200),
            "short_name": row.text("short_name", 20),
            "group": _group(row),
        }
        other = Course.objects.filter(short_name=values["short_name"]).exclude(**key).first()
        if other is not None:
            row.fault("short_name", f"{other.short_name} is the short name of {other}.")
        _keep(Course.objects, row, report, by, key=key, values=values)
    return report


def load_schedules(rows: Iterable[Row], *, by: Actor) -> LoadReport:
    """Load ``schedules.csv``."""
    report = LoadReport()
    for row in rows:
        key = {"cohort": find_cohort(row), "identifier": row.text("identifier", 100)}
        first, last = row.optional_day("accepted_from"), row.optional_day("accepted_until")
        if first and last and last < first:
            row.fault("accepted_until", f"{last} is before accepted_from.")
        values = {"group": _group(row), "accepted_from": first, "accepted_until": last}
        _keep(Schedule.objects, row, report, by, key=key, values=values)
    return report


def load_milestones(rows: Iterable[Row], *, by: Actor, at: datetime) -> LoadReport:
    """Load ``milestones.csv`` (rules 2.3) as of ``at`` (UTC).

    What is added to a schedule that people are on keeps the rules of an edit (14.11).
    """
    report = LoadReport()
    for row in rows:
        schedule = _schedule(row)
        key = {"schedule": schedule, "declaration_type": _declaration_type(row)}
        start, cut_off = row.day("start_date"), row.optional_day("cut_off_date")
        if cut_off and cut_off < start:
            row.fault("cut_off_date", f"{cut_off} is before start_date.")
        values = {
            "start_date": start,
            "cut_off_date": cut_off,
            "payment_date": row.optional_day("payment_date"),
        }
        if schedule is None or not row.is_good:
            continue
        before = _milestones_in_use(row, Milestone(**key, **values))
        _keep(Milestone.objects, row, report, by, key=key, values=values)
        if before is not None and row.is_good:
            _tell_of_cut_off(row, schedule, before, by=by, at=at)
    return report


def _milestones_in_use(row: Row, added: Milestone) -> list[MilestoneDates] | None:
    """Lock the schedule that a milestone is ``added`` to, and return the ones it has.

    Why people on it don't allow that is noted on the row. None where it is known already, or nobody
    is on the schedule.
    """
    schedule = added.schedule
    if schedule.milestones.filter(declaration_type=added.declaration_type).exists():
        return None
    if not schedule.applications.exists():
        return None
    before = dates_of(lock_schedule(schedule.pk))
    try:
        check_milestones(schedule, before, [*before, dates_of_milestone(added)], Refusals())
    except Refused as refused:
        row.fault("declaration_type", str(refused))
    return before


def _tell_of_cut_off(
    row: Row, schedule: Schedule, before: list[MilestoneDates], *, by: Actor, at: datetime
) -> None:
    try:
        tell_of_cut_off(schedule, before, by=by, at=at)
    except Refused as refused:
        row.fault("cut_off_date", str(refused))


def find_cohort(row: Row) -> Cohort | None:
    """Return the cohort that the row's ``cohort`` names; None, and a fault, without one."""
    year = row.year("cohort")
    cohort = Cohort.objects.filter(start_year=year).first()
    if cohort is None and year:
        row.fault("cohort", f"there is no cohort {year}.")
    return cohort


def _group(row: Row) -> CourseGroup | None:
    name = row.cells["group"]
    group = CourseGroup.objects.filter(name=name).first()
    if group is None:
        row.fault("group", f"there is no course group {name!r}.")
    return group


def _schedule(row: Row) -> Schedule | None:
    cohort, identifier = find_cohort(row), row.cells["schedule"]
    if cohort is None:
        return None
    schedule = Schedule.objects.filter(cohort=cohort, identifier=identifier).first()
    if schedule is None:
        row.fault("schedule", f"there is no schedule {identifier!r} in cohort {cohort}.")
    return schedule


def _declaration_type(row: Row) -> str:
    value = row.cells["declaration_type"]
    if value not in DeclarationType.values:
        known = ", ".join(DeclarationType.values)
        row.fault("declaration_type", f"{value!r} is none of {known}.")
    return value


def _keep(
    manager: models.Manager[Any],
    row: Row,
    report: LoadReport,
    by: Actor,
    *,
    key: dict[str, Any],
    values: dict[str, Any] | None = None,
) -> None:
    """Add a good row if its ``key`` is new, else compare its ``values`` with what is known."""
    if not row.is_good:
        return
    values = values or {}
    known = manager.filter(**key).first()
    if known is None:
        update_change_reason(manager.create(**key, **values), by.command)
        report.added += 1
        return
    differences = [
        f"{column} is {_shown(getattr(known, column))}, the file says {_shown(value)}"
        for column, value in values.items()
        if getattr(known, column) != value
    ]
    if differences:
        report.differing.append(f"row {row.number} ({known}): {'; '.join(differences)}")
    else:
        report.same += 1


def _shown(value: object) -> str:
    return "empty" if value is None else str(value)
