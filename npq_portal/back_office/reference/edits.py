"""The edits of reference data that there are: of what, for whom, by which service (14.11 on)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model

from declarations.models import ContractPrice, PaymentPeriod
from declarations.services import copy_cohort, edit_payment_period, set_contract_price
from npq_portal.back_office.corrections.kinds.kind import always, by_id
from npq_portal.back_office.corrections.picture import Picture
from npq_portal.back_office.reference import forms, windows
from npq_portal.back_office.reference import picture as pictures
from npq_portal.history import Actor
from schedules.choices import DeclarationType
from schedules.models import Cohort, Course, CourseGroup, Milestone, Schedule
from schedules.services import editing


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One kind of edit, or of addition, which has no row.

    ``service`` is called with the row, the arguments of the form, ``by`` and ``at``, and returns
    the row whose page tells of it then. ``picture`` is what is compared before and after, and
    ``totals`` are shown with it, but hold nothing up: they move with each declaration. Of one that
    ``keeps`` what is there, the preview names that too. ``hint`` is what to know about the form.
    """

    slug: str
    title: str
    done: str
    about: type[Model]
    permission: str
    form: type[forms.ReferenceForm]
    service: Callable[..., Model]
    picture: Callable[[pictures.Look], Picture]
    totals: Callable[[pictures.Look], Picture] = pictures.no_totals
    adds: bool = False
    keeps: bool = False
    is_offered: Callable[[Any], bool] = always
    hint: str = ""

    def run(self, row: Any, values: Mapping[str, Any], *, by: Actor, at: datetime) -> Model:
        """Call the service and return what it returns; raises what it raises."""
        return self.service(row, **values, by=by, at=at)


def _adding(service: Callable[..., Model]) -> Callable[..., Model]:
    """Return ``service`` as one that takes the row that there is not."""

    def call(row: None, **values: Any) -> Model:
        return service(**values)

    return call


def _copy(row: Cohort, **values: Any) -> Model:
    return copy_cohort(from_year=row.start_year, **values).cohort


def _remove(row: Milestone, **values: Any) -> Model:
    editing.remove_milestone(milestone_id=row.pk, **values)
    return row.schedule


def _change_price(row: ContractPrice, **values: Any) -> Model:
    return set_contract_price(
        lead_provider_id=row.lead_provider_id,
        cohort_id=row.cohort_id,
        course_id=row.course_id,
        **values,
    )


def _lacks_a_type(schedule: Schedule) -> bool:
    return schedule.milestones.count() < len(DeclarationType)


_ALL = (
    Edit(
        slug="add-cohort",
        title="Add a cohort",
        done="The cohort is added.",
        about=Cohort,
        permission="schedules.add_cohort",
        form=forms.CohortForm,
        service=_adding(editing.add_cohort),
        picture=pictures.of_new(Cohort, "start_year"),
        adds=True,
    ),
    Edit(
        slug="edit-cohort",
        title="Edit the start year",
        done="The cohort is edited.",
        about=Cohort,
        permission="schedules.change_cohort",
        form=forms.CohortForm,
        service=by_id(editing.edit_cohort, "cohort_id"),
        picture=pictures.of_row,
    ),
    Edit(
        slug="copy-cohort",
        title="Copy to another year",
        done="The cohort is copied.",
        about=Cohort,
        permission="schedules.add_cohort",
        form=forms.CopyForm,
        service=_copy,
        picture=pictures.of_copy,
        keeps=True,
    ),
    Edit(
        slug="add-course-group",
        title="Add a course group",
        done="The course group is added.",
        about=CourseGroup,
        permission="schedules.add_coursegroup",
        form=forms.CourseGroupForm,
        service=_adding(editing.add_course_group),
        picture=pictures.of_new(CourseGroup, "name"),
        adds=True,
    ),
    Edit(
        slug="edit-course-group",
        title="Edit",
        done="The course group is edited.",
        about=CourseGroup,
        permission="schedules.change_coursegroup",
        form=forms.CourseGroupForm,
        service=by_id(editing.edit_course_group, "group_id"),
        picture=pictures.of_row,
    ),
    Edit(
        slug="add-course",
        title="Add a course",
        done="The course is added.",
        about=Course,
        permission="schedules.add_course",
        form=forms.CourseForm,
        service=_adding(editing.add_course),
        picture=pictures.of_new(Course, "identifier"),
        adds=True,
    ),
    Edit(
        slug="edit-course",
        title="Edit",
        done="The course is edited.",
        about=Course,
        permission="schedules.change_course",
        form=forms.CourseForm,
        service=by_id(editing.edit_course, "course_id"),
        picture=pictures.of_row,
    ),
    Edit(
        slug="add-schedule",
        title="Add a schedule",
        done="The schedule is added. Add its milestones next.",
        about=Schedule,
        permission="schedules.add_schedule",
        form=windows.NewScheduleForm,
        service=_adding(editing.add_schedule),
        picture=pictures.of_windows,
        adds=True,
        hint=windows.HINT,
    ),
    Edit(
        slug="edit-schedule",
        title="Edit name or group",
        done="The schedule is edited.",
        about=Schedule,
        permission="schedules.change_schedule",
        form=windows.ScheduleForm,
        service=by_id(editing.edit_schedule, "schedule_id"),
        picture=pictures.of_windows,
        hint=windows.HINT,
    ),
    Edit(
        slug="move-windows",
        title="Move windows",
        done="The windows are moved.",
        about=Schedule,
        permission="schedules.change_schedule",
        form=windows.MoveWindowsForm,
        service=by_id(editing.edit_schedule, "schedule_id"),
        picture=pictures.of_windows,
        hint=windows.HINT,
    ),
    Edit(
        slug="add-milestone",
        title="Add a milestone",
        done="The milestone is added.",
        about=Schedule,
        permission="schedules.add_milestone",
        form=forms.NewMilestoneForm,
        service=by_id(editing.add_milestone, "schedule_id"),
        picture=pictures.of_milestones,
        totals=pictures.totals_of_cohort,
        is_offered=_lacks_a_type,
    ),
    Edit(
        slug="edit-milestone",
        title="Edit dates",
        done="The milestone is edited.",
        about=Milestone,
        permission="schedules.change_milestone",
        form=forms.MilestoneForm,
        service=by_id(editing.edit_milestone, "milestone_id"),
        picture=pictures.of_milestones,
        totals=pictures.totals_of_cohort,
    ),
    Edit(
        slug="remove-milestone",
        title="Remove the milestone",
        done="The milestone is removed.",
        about=Milestone,
        permission="schedules.delete_milestone",
        form=forms.ReferenceForm,
        service=_remove,
        picture=pictures.of_milestones,
        totals=pictures.totals_of_cohort,
    ),
    Edit(
        slug="edit-period",
        title="Edit dates",
        done="The payment period is edited.",
        about=PaymentPeriod,
        permission="declarations.change_paymentperiod",
        form=forms.PeriodForm,
        service=by_id(edit_payment_period, "period_id"),
        picture=pictures.of_period,
    ),
    Edit(
        slug="add-price",
        title="Add a price",
        done="The price is set.",
        about=ContractPrice,
        permission="declarations.add_contractprice",
        form=forms.NewPriceForm,
        service=_adding(set_contract_price),
        picture=pictures.of_price,
        totals=pictures.totals_of_contract,
        adds=True,
    ),
    Edit(
        slug="edit-price",
        title="Edit the price",
        done="The price is set.",
        about=ContractPrice,
        permission="declarations.change_contractprice",
        form=forms.PriceForm,
        service=_change_price,
        picture=pictures.of_price,
        totals=pictures.totals_of_contract,
    ),
)

NAMED_BY: Mapping[type[Model], tuple[str, ...]] = {
    Course: ("group",),
    Schedule: ("cohort", "group"),
    Milestone: ("schedule__cohort",),
    PaymentPeriod: ("cohort",),
    ContractPrice: ("lead_provider", "cohort", "course"),
}
"""What the name and the facts of a row are made of besides its own columns."""

EDITS = {edit.slug: edit for edit in _ALL}
"""Every edit by its slug, in the order in which they are offered."""


def offered(user: Any, row: Model) -> list[Edit]:
    """Return the edits of ``row`` that ``user`` may ask for."""
    return [it for it in _permitted(user, type(row)) if not it.adds and it.is_offered(row)]


def additions(user: Any, model: type[Model]) -> list[Edit]:
    """Return the additions to the rows of ``model`` that ``user`` may ask for."""
    return [it for it in _permitted(user, model) if it.adds]


def load(edit: Edit, pk: int) -> Any:
    """Return the row that is edited, with what its name is made of, or None."""
    rows: Any = edit.about._default_manager  # noqa: SLF001 - as managers are
    return rows.select_related(*NAMED_BY.get(edit.about, ())).filter(pk=pk).first()


def _permitted(user: Any, model: type[Model]) -> list[Edit]:
    return [it for it in EDITS.values() if it.about is model and user.has_perm(it.permission)]
