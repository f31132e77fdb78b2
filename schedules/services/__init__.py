"""Commands on the reference data: loading it, and correcting it (rules 2 and 14.11)."""

from schedules.services.loading import (
    COLUMNS,
    LoadReport,
    find_cohort,
    load_cohorts,
    load_course_groups,
    load_courses,
    load_milestones,
    load_schedules,
)

__all__ = [
    "COLUMNS",
    "LoadReport",
    "find_cohort",
    "load_cohorts",
    "load_course_groups",
    "load_courses",
    "load_milestones",
    "load_schedules",
]
