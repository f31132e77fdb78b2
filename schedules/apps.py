"""The schedules app."""

from django.apps import AppConfig


class SchedulesConfig(AppConfig):
    """Cohorts, courses, schedules and milestones."""

    name = "schedules"
    verbose_name = "Schedules and courses"
