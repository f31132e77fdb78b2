"""Adding and editing cohorts, course groups and courses (rules 14.11)."""

from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model

from npq_portal.corrections import check_reason
from npq_portal.errors import ErrorCode, Refusals
from npq_portal.history import Actor
from schedules.choices import DeclarationType
from schedules.models import Cohort, Course, CourseGroup
from schedules.services.editing.rows import keep, lock_row, refuse_in_use, set_values

Row = TypeVar("Row", bound=Model)


@transaction.atomic
def add_cohort(*, start_year: int, reason: str, by: Actor, at: datetime) -> Cohort:
    """Add the cohort that begins in ``start_year``; return it, or raise Refused."""
    refusals = Refusals()
    _check_year(start_year, refusals)
    values = {"start_year": start_year}
    return _set(Cohort(), values, refusals, reason=reason, by=by, at=at)


@transaction.atomic
def edit_cohort(*, cohort_id: int, start_year: int, reason: str, by: Actor, at: datetime) -> Cohort:
    """Let a cohort that nothing hangs on begin in another year; return it.

    Raises NotFound when there is no such cohort, Refused as rules 14.11 say.
    """
    cohort = lock_row(Cohort.objects, cohort_id)
    refusals = Refusals()
    _check_year(start_year, refusals)
    if start_year != cohort.start_year:
        used_by = {
            "schedules": cohort.schedules.exists(),
            "applications": cohort.applications.exists(),
            "payment periods": cohort.payment_periods.exists(),
            "contract prices": cohort.contract_prices.exists(),
        }
        refuse_in_use("start_year", used_by, refusals)
    values = {"start_year": start_year}
    return _set(cohort, values, refusals, reason=reason, by=by, at=at)


@transaction.atomic
def add_course_group(
    *, name: str, has_outcomes: bool, reason: str, by: Actor, at: datetime
) -> CourseGroup:
    """Add a course group; return it, or raise Refused."""
    values = {"name": name.strip(), "has_outcomes": has_outcomes}
    return _set(CourseGroup(), values, Refusals(), reason=reason, by=by, at=at)


@transaction.atomic
def edit_course_group(
    *, group_id: int, name: str, has_outcomes: bool, reason: str, by: Actor, at: datetime
) -> CourseGroup:
    """Edit a course group and return it; completed declarations hold whether it has outcomes.

    Raises NotFound when there is no such group, Refused as rules 14.11 say.
    """
    group = lock_row(CourseGroup.objects, group_id)
    refusals = Refusals()
    if has_outcomes != group.has_outcomes:
        completed = group.courses.filter(
            applications__declarations__declaration_type=DeclarationType.COMPLETED
        )
        refuse_in_use("has_outcomes", {"completed declarations": completed.exists()}, refusals)
    values = {"name": name.strip(), "has_outcomes": has_outcomes}
    return _set(group, values, refusals, reason=reason, by=by, at=at)


@transaction.atomic
def add_course(
    *,
    identifier: str,
    name: str,
    short_name: str,
    group_id: int,
    reason: str,
    by: Actor,
    at: datetime,
) -> Course:
    """Add a course and return it; raises NotFound without such a group, or Refused."""
    values = _course_values(identifier, name, short_name, group_id)
    return _set(Course(), values, Refusals(), reason=reason, by=by, at=at)


@transaction.atomic
def edit_course(
    *,
    course_id: int,
    identifier: str,
    name: str,
    short_name: str,
    group_id: int,
    reason: str,
    by: Actor,
    at: datetime,
) -> Course:
    """Edit a course and return it; applications hold its identifier and group.

    Raises NotFound when there is no such course or group, Refused as rules 14.11 say.
    """
    course = lock_row(Course.objects, course_id)
    values = _course_values(identifier, name, short_name, group_id)
    refusals = Refusals()
    used_by = {"applications": course.applications.exists()}
    for attribute in ("identifier", "group"):
        if getattr(course, attribute) != values[attribute]:
            refuse_in_use(attribute, used_by, refusals)
    return _set(course, values, refusals, reason=reason, by=by, at=at)


def _course_values(identifier: str, name: str, short_name: str, group_id: int) -> dict[str, Any]:
    return {
        "identifier": identifier.strip(),
        "name": name.strip(),
        "short_name": short_name.strip(),
        "group": lock_row(CourseGroup.objects, group_id),
    }


def _check_year(year: int, refusals: Refusals) -> None:
    if not 1000 <= year <= 9999:
        refusals.add("start_year", ErrorCode.INVALID, "Give a year of four digits.")


def _set(
    row: Row, values: dict[str, Any], refusals: Refusals, *, reason: str, by: Actor, at: datetime
) -> Row:
    reason = check_reason(reason, by, refusals)
    set_values(row, values, refusals)
    refusals.raise_any()
    keep(row, reason=reason, by=by, at=at)
    return row
