"""Filters of participants by what they applied for (rules 13.6)."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest

from npq_portal.admin import parse_key
from npq_portal.providers.models import LeadProvider
from participants.choices import ApplicationStatus, TrainingStatus
from participants.models import Application
from schedules.models import Cohort, Course, Schedule


class ApplicationFilter(admin.SimpleListFilter):
    """Keeps the participants with an application that has all the chosen values together.

    ``parameter_name`` is the field of the application. Django asks each filter by itself, and two
    filters would be content with two applications: so the first of the chosen ones asks for all.
    """

    parameter_name: str

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return those of ``queryset`` who applied so; nobody where a value is none."""
        chosen = {
            it.parameter_name: request.GET[it.parameter_name]
            for it in APPLICATION_FILTERS
            if request.GET.get(it.parameter_name)
        }
        if next(iter(chosen), None) != self.parameter_name:
            return queryset
        try:
            applications = Application.objects.filter(participant=OuterRef("pk"), **chosen)
        except (ValueError, ValidationError):
            return queryset.none()
        return queryset.filter(Exists(applications))


def _choices(rows: Iterable[Model]) -> list[tuple[str, str]]:
    return [(str(row.pk), str(row)) for row in rows]


class ProviderFilter(ApplicationFilter):
    """By the provider applied to."""

    title = "lead provider"
    parameter_name = "lead_provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return _choices(LeadProvider.objects.all())


class CohortFilter(ApplicationFilter):
    """By cohort."""

    title = parameter_name = "cohort"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return _choices(Cohort.objects.all())


class CourseFilter(ApplicationFilter):
    """By course."""

    title = parameter_name = "course"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return _choices(Course.objects.all())


class ScheduleFilter(ApplicationFilter):
    """By schedule; those of the chosen cohort are offered, once one is chosen."""

    title = parameter_name = "schedule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        schedules = Schedule.objects.select_related("cohort")
        cohort = parse_key(request.GET.get(CohortFilter.parameter_name, ""))
        return _choices(schedules if cohort is None else schedules.filter(cohort=cohort))


class StatusFilter(ApplicationFilter):
    """By what the provider decided."""

    title = parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(ApplicationStatus.choices)


class TrainingStatusFilter(ApplicationFilter):
    """By how the training stands."""

    title = "training status"
    parameter_name = "training_status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(TrainingStatus.choices)


APPLICATION_FILTERS: tuple[type[ApplicationFilter], ...] = (
    ProviderFilter,
    CohortFilter,
    CourseFilter,
    ScheduleFilter,
    StatusFilter,
    TrainingStatusFilter,
)
