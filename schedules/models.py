"""The reference data: cohorts, courses, schedules and milestones (rules 2)."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from npq_portal.clock import start_of_day
from schedules.choices import DeclarationType


class Cohort(models.Model):
    """The academic year an application counts for, named by the year in which it starts."""

    start_year = models.PositiveSmallIntegerField(unique=True)
    history = HistoricalRecords(history_change_reason_field=models.TextField(null=True))

    class Meta:
        ordering = ("start_year",)
        constraints = (
            models.CheckConstraint(
                name="cohort_start_year_has_four_digits",
                condition=Q(start_year__gte=1000, start_year__lte=9999),
            ),
        )

    def __str__(self) -> str:
        return str(self.start_year)


class CourseGroup(models.Model):
    """Courses that share schedules."""

    name = models.CharField(max_length=50, unique=True)
    has_outcomes = models.BooleanField(
        help_text="Whether a completed declaration of these courses has a pass or fail outcome."
    )
    history = HistoricalRecords(history_change_reason_field=models.TextField(null=True))

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Course(models.Model):
    """A qualification or support offer that participants apply for."""

    identifier = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=20, unique=True)
    group = models.ForeignKey(CourseGroup, on_delete=models.PROTECT, related_name="courses")
    history = HistoricalRecords(history_change_reason_field=models.TextField(null=True))

    class Meta:
        ordering = ("identifier",)

    def __str__(self) -> str:
        return self.identifier


class Schedule(models.Model):
    """A named set of milestones for one course group in one cohort.

    An application accepted on a London day from ``accepted_from`` to ``accepted_until`` is put on
    this schedule (rules 2.4); an end that is not set is open.
    """

    identifier = models.CharField(max_length=100)
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="schedules")
    group = models.ForeignKey(CourseGroup, on_delete=models.PROTECT, related_name="schedules")
    accepted_from = models.DateField(null=True, blank=True)
    accepted_until = models.DateField(null=True, blank=True)
    history = HistoricalRecords(history_change_reason_field=models.TextField(null=True))

    class Meta:
        ordering = ("cohort", "identifier")
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "identifier"), name="schedule_identifier_once_in_cohort"
            ),
            models.CheckConstraint(
                name="schedule_window_is_not_reversed",
                condition=Q(accepted_from__isnull=True)
                | Q(accepted_until__isnull=True)
                | Q(accepted_from__lte=F("accepted_until")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.identifier} ({self.cohort})"


class Milestone(models.Model):
    """One declaration type in a schedule; all dates are London days (rules 2.3)."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="milestones")
    declaration_type = models.CharField(max_length=20, choices=DeclarationType.choices)
    start_date = models.DateField()
    cut_off_date = models.DateField(null=True, blank=True)
    payment_date = models.DateField(null=True, blank=True)
    history = HistoricalRecords(history_change_reason_field=models.TextField(null=True))

    class Meta:
        ordering = ("schedule", "start_date", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("schedule", "declaration_type"), name="milestone_type_once_in_schedule"
            ),
            models.CheckConstraint(
                name="milestone_declaration_type_is_known",
                condition=Q(declaration_type__in=DeclarationType.values),
            ),
            models.CheckConstraint(
                name="milestone_cut_off_not_before_start",
                condition=Q(cut_off_date__isnull=True) | Q(cut_off_date__gte=F("start_date")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.declaration_type} of {self.schedule}"

    @property
    def starts_at(self) -> datetime:
        """The UTC instant at which the first day of this milestone begins in London."""
        return start_of_day(self.start_date)
