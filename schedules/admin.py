"""The admin of the reference data."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from npq_portal.admin import (
    JoinedChoicesFilter,
    ReadOnlyHistoryAdmin,
    ReadOnlyInline,
    link_to,
    link_to_rows,
    parse_key,
)
from schedules.models import Cohort, Course, CourseGroup, Milestone, Schedule


class ScheduleFilter(JoinedChoicesFilter):
    """A filter by schedule, which offers those of the chosen cohort once one is chosen."""

    def offered(self, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        """Return the schedules that can be chosen."""
        cohort = parse_key(request.GET.get(self.lookup_kwarg.replace("schedule__", "cohort__"), ""))
        return rows if cohort is None else rows.filter(cohort=cohort)


@admin.register(Cohort)
class CohortAdmin(ReadOnlyHistoryAdmin):
    """Cohorts."""

    list_display = ("start_year",)
    search_fields = ("start_year",)
    readonly_fields = (
        link_to_rows("schedules_schedule", "cohort__id__exact", "schedules"),
        link_to_rows("declarations_paymentperiod", "cohort__id__exact", "payment periods"),
    )


@admin.register(CourseGroup)
class CourseGroupAdmin(ReadOnlyHistoryAdmin):
    """Course groups."""

    list_display = ("name", "has_outcomes")
    list_filter = ("has_outcomes",)
    search_fields = ("name",)
    readonly_fields = (
        link_to_rows("schedules_course", "group__id__exact", "courses"),
        link_to_rows("schedules_schedule", "group__id__exact", "schedules"),
    )


@admin.register(Course)
class CourseAdmin(ReadOnlyHistoryAdmin):
    """Courses."""

    list_display = ("identifier", "name", "short_name", link_to("group", "group"))
    list_filter = ("group",)
    list_select_related = ("group",)
    search_fields = ("identifier", "name", "short_name")


class MilestoneInline(ReadOnlyInline):
    """The milestones of a schedule."""

    model = Milestone
    fields = ("declaration_type", "start_date", "cut_off_date", "payment_date")
    related = ("schedule__cohort",)


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyHistoryAdmin):
    """Schedules."""

    list_display = (
        "identifier",
        link_to("cohort", "cohort"),
        link_to("group", "group"),
        "accepted_from",
        "accepted_until",
    )
    list_filter = ("cohort", "group")
    list_select_related = ("cohort", "group")
    search_fields = ("identifier",)
    inlines = (MilestoneInline,)


@admin.register(Milestone)
class MilestoneAdmin(ReadOnlyHistoryAdmin):
    """Milestones."""

    list_display = (
        "declaration_type",
        link_to("schedule", "schedule"),
        "start_date",
        "cut_off_date",
        "payment_date",
    )
    list_filter = ("declaration_type", "schedule__cohort")
    list_select_related = ("schedule__cohort",)
    search_fields = ("schedule__identifier",)
