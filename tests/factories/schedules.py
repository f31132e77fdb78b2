from datetime import date

from factory import declarations
from factory.django import DjangoModelFactory

from schedules.choices import DeclarationType
from schedules.models import Cohort, Course, CourseGroup, Milestone, Schedule


class CohortFactory(DjangoModelFactory):
    class Meta:
        model = Cohort
        django_get_or_create = ("start_year",)

    start_year = 2021


class CourseGroupFactory(DjangoModelFactory):
    class Meta:
        model = CourseGroup
        django_get_or_create = ("name",)

    name = "leadership"
    has_outcomes = True


class CourseFactory(DjangoModelFactory):
    class Meta:
        model = Course
        django_get_or_create = ("identifier",)

    identifier = "npq-headship"
    name = declarations.SelfAttribute("identifier")
    short_name = declarations.Sequence(lambda n: f"NPQ{n}")
    group = declarations.SubFactory(CourseGroupFactory)


class ScheduleFactory(DjangoModelFactory):
    class Meta:
        model = Schedule
        django_get_or_create = ("cohort", "identifier")

    identifier = "npq-leadership-autumn"
    cohort = declarations.SubFactory(CohortFactory)
    group = declarations.SubFactory(CourseGroupFactory)


class MilestoneFactory(DjangoModelFactory):
    class Meta:
        model = Milestone
        django_get_or_create = ("schedule", "declaration_type")

    schedule = declarations.SubFactory(ScheduleFactory)
    declaration_type = DeclarationType.STARTED
    start_date = date(2021, 11, 1)


def autumn_schedule():
    """The schedule with every type but retained-2, started cut off on Christmas Day."""
    schedule = ScheduleFactory()
    for kind in DeclarationType:
        if kind != DeclarationType.RETAINED_2:
            cut_off = date(2021, 12, 25) if kind == DeclarationType.STARTED else None
            MilestoneFactory(schedule=schedule, declaration_type=kind, cut_off_date=cut_off)
    return schedule
