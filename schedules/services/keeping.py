"""Keeping reference data as they are for what is about to hang on them (rules 14.11).

Until it does, an edit would not know of it, and would not wait for it either: an application, which
is locked before, that is to join a schedule, or a completed declaration.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from npq_portal.locks import share_lock
from npq_portal.prepared import Prepared, columns_of, made_of, made_with
from schedules.models import Cohort, Course, CourseGroup, Schedule
from schedules.rules import schedules_taking

Row = TypeVar("Row", bound=Model)


def keep_schedule(schedule: Schedule) -> Schedule:
    """Return ``schedule`` as it is and stays until commit, with its group and its milestones."""
    share_lock(schedule)
    return Schedule.objects.select_related("cohort").get(pk=schedule.pk)


def keep_schedules_taking(day: date, *, cohort: Cohort, group: CourseGroup) -> list[Schedule]:
    """Return those of a cohort and course group that take a London ``day``, until commit.

    They are kept as ``keep_schedule`` does; an acceptance needs exactly one (rules 2.4).
    """
    windows = Schedule.objects.filter(cohort=cohort, group=group).order_by("id")
    return _keep_all(lambda: schedules_taking(windows.all(), day))


def keep_cohorts() -> list[Cohort]:
    """Return all cohorts as they are and stay until commit.

    So do their schedules, with groups and milestones: who edits those locks the cohort first.
    """
    cohorts = Cohort.objects.order_by("id")
    return _keep_all(lambda: list(cohorts.all()))


def keep_courses() -> list[Course]:
    """Return all courses as they are and stay until commit, with their groups."""
    courses = Course.objects.select_related("group").order_by("id")
    return _keep_all(lambda: list(courses.all()))


def _keep_all(find: Callable[[], list[Row]]) -> list[Row]:
    """Return the rows that ``find`` finds by id, once all of them are kept."""
    kept: list[Row] = []
    while True:
        found = find()
        if found == kept:
            return found
        for row in found:
            share_lock(row)
        kept = found


def keep_course(course: Course) -> Course:
    """Return ``course`` as it is and stays until commit, with its group."""
    share_lock(course)
    return Course.objects.select_related("group").get(pk=course.pk)


def keep_group(group: CourseGroup) -> CourseGroup:
    """Return a course group as it is and stays until commit."""
    row = _kept_groups.row(group.pk)
    if row is None:
        raise CourseGroup.DoesNotExist
    return made_of(CourseGroup, row)


def _groups(group_id: int) -> QuerySet[CourseGroup, Any]:
    return CourseGroup.objects.filter(pk=group_id).values_list(*columns_of(CourseGroup))


_kept_groups = Prepared(_groups, lock="FOR SHARE")


def find_course(identifier: str | None) -> Course | None:
    """Return the course with this ``identifier``, with its group; None when there is none."""
    row = None if identifier is None else _courses.row(identifier)
    return None if row is None else made_with(Course, row, "group")


@Prepared
def _courses(identifier: str) -> QuerySet[Course, Any]:
    of_group = columns_of(CourseGroup, through="group")
    found = Course.objects.filter(identifier=identifier).order_by()
    return found.values_list(*columns_of(Course), *of_group)
