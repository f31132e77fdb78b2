"""The declarations that stand in the way of a correction, named for people (rules 14.1)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from participants.models import Application, Participant
from participants.rules import HeldCourse
from schedules.models import Course


def named(declarations: QuerySet[Any]) -> list[str]:
    """Return ``declarations`` as their type, state, provider and id, oldest first."""
    found = declarations.select_related("lead_provider").order_by("declaration_date", "id")
    return [f"{it.declaration_type} ({it.state}, {it.lead_provider}, {it.pk})" for it in found]


def held_courses(persons: Iterable[Participant]) -> list[HeldCourse]:
    """Return the courses for which the records ``persons`` hold accepted applications."""
    accepted = Application.objects.accepted().filter(participant__in=persons)
    found = accepted.select_related("course", "lead_provider")
    return [
        HeldCourse(
            it.pk, it.course.identifier, it.lead_provider.name, named(it.declarations.in_slot())
        )
        for it in found.order_by("course__identifier", "created_at")
    ]


def rival_declarations(
    others: Iterable[Application], course: Course, declaration_types: QuerySet[Any]
) -> list[str]:
    """Return what counts for ``course`` under ``others`` and is of one of the types (rules 8.7).

    ``others`` are the person's other applications, ``declaration_types`` a query of types.
    """
    return [
        name
        for it in others
        if it.course_id == course.pk
        for name in named(it.declarations.counted().filter(declaration_type__in=declaration_types))
    ]
