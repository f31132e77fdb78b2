"""Copying the schedules of a cohort to another year (rules 14.12)."""

from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from npq_portal.corrections import check_reason
from npq_portal.errors import ErrorCode, NotFound, Refusals
from npq_portal.history import Actor
from schedules.models import Cohort, CourseGroup, Milestone, Schedule
from schedules.rules import (
    NamedWindow,
    last_day_moved_by_years,
    moved_by_years,
    refusals_to_set_windows,
)
from schedules.services.editing.rows import keep


class CopiedSchedules(NamedTuple):
    """The two cohorts, and the identifiers of the schedules ``added`` and of those there before."""

    source: Cohort
    target: Cohort
    added: list[str]
    kept: list[str]


@transaction.atomic
def copy_schedules(
    *, from_year: int, to_year: int, reason: str, by: Actor, at: datetime
) -> CopiedSchedules:
    """Copy the schedules of one cohort, with milestones and windows, to another; return both.

    Dates move by whole years. The other cohort is made if it is not there; a schedule that it has
    stays as it is. Raises NotFound when there is no cohort ``from_year``, Refused as rules 14.12
    say.
    """
    locked = Cohort.objects.select_for_update(no_key=True).order_by("id")
    cohorts = {it.start_year: it for it in locked.filter(start_year__in=(from_year, to_year))}
    source = cohorts.get(from_year)
    if source is None:
        raise NotFound(f"There is no cohort {from_year}.")
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    _check_years(source, to_year, refusals)
    refusals.raise_any()
    target = cohorts.get(to_year)
    if target is None:
        target = Cohort(start_year=to_year)
        keep(target, reason=reason, by=by, at=at)
    known = {it.identifier: it for it in target.schedules.all()}
    copies = [
        (it, _copied(it, target))
        for it in source.schedules.prefetch_related("milestones")
        if it.identifier not in known
    ]
    for group in CourseGroup.objects.filter(schedules__cohort=source).distinct():
        there = [it for it in known.values() if it.group_id == group.pk]
        new = [it for _, it in copies if it.group_id == group.pk]
        refusals.note(*refusals_to_set_windows(_windows(there), _windows([*there, *new])))
    refusals.raise_any()
    for original, copy in copies:
        keep(copy, reason=reason, by=by, at=at)
        for milestone in original.milestones.all():
            keep(
                _copied_milestone(milestone, copy, to_year - from_year),
                reason=reason,
                by=by,
                at=at,
            )
    kept = source.schedules.filter(identifier__in=known).values_list("identifier", flat=True)
    return CopiedSchedules(source, target, [it.identifier for _, it in copies], list(kept))


def _check_years(source: Cohort, to_year: int, refusals: Refusals) -> None:
    if to_year == source.start_year:
        refusals.add("to_year", ErrorCode.NOTHING_CHANGES, "It is the year that is copied.")
    # A cohort's dates reach a few years beyond its start, and no date is later than 9999.
    if not 1000 <= to_year <= 9980:
        refusals.add("to_year", ErrorCode.INVALID, "Give a year of four digits, up to 9980.")


def _copied(schedule: Schedule, target: Cohort) -> Schedule:
    years = target.start_year - schedule.cohort.start_year
    first, last = schedule.accepted_from, schedule.accepted_until
    return Schedule(
        cohort=target,
        identifier=schedule.identifier,
        group_id=schedule.group_id,
        accepted_from=moved_by_years(first, years) if first else None,
        accepted_until=last_day_moved_by_years(last, years) if last else None,
    )


def _copied_milestone(milestone: Milestone, schedule: Schedule, years: int) -> Milestone:
    def moved(day: date | None) -> date | None:
        return moved_by_years(day, years) if day else None

    return Milestone(
        schedule=schedule,
        declaration_type=milestone.declaration_type,
        start_date=moved_by_years(milestone.start_date, years),
        cut_off_date=moved(milestone.cut_off_date),
        payment_date=moved(milestone.payment_date),
    )


def _windows(schedules: list[Schedule]) -> list[NamedWindow]:
    return [NamedWindow(it.identifier, it.accepted_from, it.accepted_until) for it in schedules]
