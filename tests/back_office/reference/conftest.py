"""A caseworker at the pages of reference data, among the data that is shipped."""

import pytest
from django.urls import reverse

from declarations.models import (
    ContractPrice,
    Declaration,
    DeclarationEvent,
    PaymentPeriod,
    Statement,
)
from schedules.models import Cohort, Course, CourseGroup, Milestone, Schedule
from tests.back_office.corrections.conftest import (  # noqa: F401 - fixtures
    caseworker,
    colleague,
    frozen,
    told,
)
from tests.declarations.test_who_is_paid import withdraw
from tests.participants.corrections.conftest import (  # noqa: F401 - fixtures
    BY,
    NOW,
    declare,
    enrol,
    open_for,
    whole_data,
)
from tests.reference_data import load_reference_data

AUTUMN, SPRING = "npq-leadership-autumn", "npq-leadership-spring"
REFERENCE = (Cohort, CourseGroup, Course, Schedule, Milestone, PaymentPeriod, ContractPrice)


@pytest.fixture(autouse=True)
def shipped(db):
    load_reference_data()


@pytest.fixture
def enrolment(shipped, enrol):  # noqa: F811
    """Return an enrolment on the shipped npq-leadership-autumn."""
    return enrol(lead_provider__name="North")


def schedule(name="npq-leadership-autumn", year=2021):
    return Schedule.objects.get(identifier=name, cohort__start_year=year)


def milestone(kind="started", name="npq-leadership-autumn"):
    return schedule(name).milestones.get(declaration_type=kind)


def page(slug, row=None):
    if row is None:
        return reverse("reference_add", args=[slug])
    return reverse("reference_edit", args=[slug, row.pk])


def window(row, first=None, last=None):
    """Return the two days of a schedule's window as a form posts them."""
    return {f"from_{row.pk}": first or "", f"until_{row.pk}": last or ""}


def stored():
    """Return all reference data by row and column, and what hangs on it."""
    models = (*REFERENCE, Statement, Declaration, DeclarationEvent)
    return {
        (model._meta.label, row["id"], column): value
        for model in models
        for row in model._default_manager.values()
        for column, value in row.items()
    }


def versions():
    """Return the newest version of each model, and how many there are."""
    return {model: model.history.count() for model in REFERENCE}


def shown(answer):
    """Return what a preview shows, by the record and the fact."""
    return {
        (it.record, it.name): (it.before, it.after) for it in answer.context["effect"].differences
    }


def dates_of(row, **changes):
    names = ("start_date", "cut_off_date", "payment_date")
    return {name: getattr(row, name) or "" for name in names} | changes


def border(last, first):
    """Return the windows of the leadership schedules, which meet between two days."""
    return {**window(schedule(AUTUMN), None, last), **window(schedule(SPRING), first)}


def change(desk, path, **values):
    """Preview and confirm."""
    answer = desk.confirm(path, desk.preview(path, **values), **values)
    assert answer.status_code == 302, told(answer)


@pytest.fixture
def leaver(enrolment):
    """Return an enrolment that was declared and withdrew before the started cut-off's day."""
    Milestone.objects.filter(schedule=enrolment.schedule).update(cut_off_date=None)
    open_for(enrolment.lead_provider, period="Spring")
    declare(enrolment)
    withdraw(enrolment, NOW)
    return enrolment
