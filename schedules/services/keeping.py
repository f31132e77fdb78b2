"""Keeping reference data as they are for what is about to hang on them (rules 14.11).

Until it does, an edit would not know of it, and would not wait for it either: an application, which
is locked before, that is to join a schedule, or a completed declaration.
"""

from datetime import date

from npq_portal.locks import share_lock
from schedules.models import Cohort, Course, CourseGroup, Schedule
from schedules.rules import schedules_taking


def keep_schedule(schedule: Schedule) -> Schedule:
    """Return ``schedule`` as it is and stays until commit, with its group and its milestones."""
    share_lock(schedule)
    return Schedule.objects.select_related("cohort").get(pk=schedule.pk)


def keep_schedules_taking(day: date, *, cohort: Cohort, group: CourseGroup) -> list[Schedule]:
    """Return those of a cohort and course group that take a London ``day``, until commit.

    They are kept as ``keep_schedule`` does; an acceptance needs exactly one (rules 2.4).
    """
    kept: list[Schedule] = []
    while True:
        windows = Schedule.objects.filter(cohort=cohort, group=group).order_by("id")
        taking = schedules_taking(windows, day)
        if taking == kept:
            return taking
        for schedule in taking:
            share_lock(schedule)
        kept = taking


def keep_course(course: Course) -> Course:
    """Return ``course`` as it is and stays until commit, with its group."""
    share_lock(course)
    return Course.objects.select_related("group").get(pk=course.pk)


def keep_group(group: CourseGroup) -> CourseGroup:
    """Return a course group as it is and stays until commit."""
    share_lock(group)
    return CourseGroup.objects.get(pk=group.pk)
