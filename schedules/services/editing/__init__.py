"""What staff put right about reference data (rules 14.11).

Each edit names its member of staff and a reason, and is refused, with all that stands in its way,
where existing applications and declarations would no longer fit.
"""

from schedules.services.editing.catalogue import (
    add_cohort,
    add_course,
    add_course_group,
    edit_cohort,
    edit_course,
    edit_course_group,
)
from schedules.services.editing.copying import CopiedSchedules, copy_schedules
from schedules.services.editing.milestones import add_milestone, edit_milestone, remove_milestone
from schedules.services.editing.windows import Days, add_schedule, edit_schedule

__all__ = [
    "CopiedSchedules",
    "Days",
    "add_cohort",
    "add_course",
    "add_course_group",
    "add_milestone",
    "add_schedule",
    "copy_schedules",
    "edit_cohort",
    "edit_course",
    "edit_course_group",
    "edit_milestone",
    "edit_schedule",
    "remove_milestone",
]
