"""Adding and editing schedules, whose windows share out the days of acceptance (rules 14.11)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction

from npq_portal.corrections import check_reason
from npq_portal.errors import ErrorCode, Refusals
from npq_portal.history import Actor
from schedules.models import Cohort, CourseGroup, Schedule
from schedules.rules import NamedWindow, refusals_to_set_windows
from schedules.services.editing.rows import (
    keep,
    lock_cohort_of,
    lock_row,
    note_faults,
    refuse_in_use,
    set_values,
)


class Days(NamedTuple):
    """The London days of an acceptance window, both included; None leaves a side open."""

    accepted_from: date | None
    accepted_until: date | None


@transaction.atomic
def add_schedule(
    *,
    cohort_id: int,
    identifier: str,
    group_id: int,
    window: Days,
    others: Mapping[int, Days] | None = None,
    reason: str,
    by: Actor,
    at: datetime,
) -> Schedule:
    """Add a schedule and return it; ``others`` are windows to move by their schedules' ids.

    Raises NotFound when there is no such cohort or group, Refused as rules 14.11 say.
    """
    schedule = Schedule(cohort=lock_row(Cohort.objects, cohort_id))
    values = {
        "identifier": identifier.strip(),
        "group": lock_row(CourseGroup.objects, group_id),
        **window._asdict(),
    }
    return _set(schedule, values, others or {}, Refusals(), reason=reason, by=by, at=at)


@transaction.atomic
def edit_schedule(
    *,
    schedule_id: int,
    identifier: str,
    group_id: int,
    window: Days,
    others: Mapping[int, Days] | None = None,
    reason: str,
    by: Actor,
    at: datetime,
) -> Schedule:
    """Edit a schedule and return it; ``others`` are windows to move with it.

    Applications on it hold its identifier and group. Raises NotFound when there is no such
    schedule or group, Refused as rules 14.11 say.
    """
    lock_cohort_of(schedule_id)  # whose windows are decided together
    schedule = lock_row(Schedule.objects, schedule_id)
    values = {
        "identifier": identifier.strip(),
        "group": lock_row(CourseGroup.objects, group_id),
        **window._asdict(),
    }
    refusals = Refusals()
    used_by = {"applications": schedule.applications.exists()}
    for attribute in ("identifier", "group"):
        if getattr(schedule, attribute) != values[attribute]:
            refuse_in_use(attribute, used_by, refusals)
    return _set(schedule, values, others or {}, refusals, reason=reason, by=by, at=at)


def _set(
    schedule: Schedule,
    values: dict[str, Any],
    others: Mapping[int, Days],
    refusals: Refusals,
    *,
    reason: str,
    by: Actor,
    at: datetime,
) -> Schedule:
    reason = check_reason(reason, by, refusals)
    groups = {schedule.group_id, values["group"].pk}
    beside = list(
        Schedule.objects.filter(cohort=schedule.cohort_id, group__in=groups - {None})
        .exclude(pk=schedule.pk)
        .order_by("id")
    )
    before = {it: _windows([*beside, *([schedule] if schedule.pk else [])], it) for it in groups}
    moved = _move(beside, others, refusals)
    if moved and all(getattr(schedule, name) == value for name, value in values.items()):
        note_faults(schedule, refusals)
    else:
        set_values(schedule, values, refusals)
    for group in groups - {None}:
        after = _windows([*beside, schedule], group)
        refusals.note(*refusals_to_set_windows(before[group], after))
    refusals.raise_any()
    for it in (schedule, *moved):
        keep(it, reason=reason, by=by, at=at)
    return schedule


def _move(
    beside: Iterable[Schedule], others: Mapping[int, Days], refusals: Refusals
) -> list[Schedule]:
    """Set the windows of ``others`` on the schedules ``beside``; return those that change."""
    known = {it.pk: it for it in beside}
    if others.keys() - known.keys():
        refusals.add(
            "others",
            ErrorCode.UNKNOWN_SCHEDULE,
            "Only windows of the same cohort and course group are moved together.",
        )
    moved = []
    for pk, days in others.items():
        schedule = known.get(pk)
        if schedule is not None and days != (schedule.accepted_from, schedule.accepted_until):
            schedule.accepted_from, schedule.accepted_until = days
            moved.append(schedule)
    return moved


def _windows(schedules: Iterable[Schedule], group_id: int | None) -> list[NamedWindow]:
    return [
        NamedWindow(it.identifier, it.accepted_from, it.accepted_until)
        for it in sorted(schedules, key=lambda it: it.identifier)
        if it.group_id == group_id
    ]
