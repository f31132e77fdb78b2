"""Each edit of reference data from its row to its history, with the keyboard alone (13.9, 14.11).

They write, each in a year of its own that nothing else is in; what is moved in the demo's is moved
back at the end, for the tests that read.
"""

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from declarations.models import ContractPrice, PaymentPeriod
from npq_portal.back_office.reference.edits import EDITS
from npq_portal.providers.models import LeadProvider
from schedules.models import Course, Schedule
from tests.browser.keyboard import fill_in, press
from tests.browser.test_corrections import look_at, look_through
from tests.factories.schedules import (
    CohortFactory,
    CourseFactory,
    CourseGroupFactory,
    MilestoneFactory,
    ScheduleFactory,
)

SUBMIT = "input[type=submit].default"
WHY = "The contract says so."


def group(year):
    return CourseGroupFactory.create(name=f"group of {year}")


def course(year):
    return CourseFactory.create(identifier=f"npq-{year}", short_name=f"Q{year}", group=group(year))


def schedule(year):
    return ScheduleFactory.create(
        identifier=f"autumn-{year}", cohort=CohortFactory.create(start_year=year), group=group(year)
    )


def milestone(year, kind="started"):
    return MilestoneFactory.create(
        schedule=schedule(year), declaration_type=kind, start_date=date(year, 11, 1)
    )


def period(year):
    return PaymentPeriod.objects.create(
        cohort=CohortFactory.create(start_year=year),
        name=f"January {year + 1}",
        deadline_date=date(year, 12, 25),
        payment_date=date(year + 1, 1, 25),
    )


def contract(year):
    return {
        "lead_provider": LeadProvider.objects.earliest("name"),
        "cohort": CohortFactory.create(start_year=year),
        "course": Course.objects.get(identifier="npq-headship"),
    }


def price(year):
    return ContractPrice.objects.create(**contract(year), price_per_participant=900)


def nothing(_year):
    return None


WALKS = {
    "add-cohort": (nothing, lambda year: {"start_year": str(year)}),
    "edit-cohort": (
        lambda year: CohortFactory.create(start_year=year),
        lambda year: {"start_year": str(year + 50)},
    ),
    "copy-cohort": (
        lambda year: milestone(year).schedule.cohort,
        lambda year: {"to_year": str(year + 50)},
    ),
    "add-course-group": (nothing, lambda year: {"name": f"group of {year}", "has_outcomes": "on"}),
    "edit-course-group": (group, lambda _year: {"has_outcomes": ""}),
    "add-course": (
        nothing,
        lambda year: {
            "identifier": f"npq-{year}",
            "name": f"Leading in {year}",
            "short_name": f"Q{year}",
            "group": str(group(year).pk),
        },
    ),
    "edit-course": (course, lambda year: {"name": f"Leading in {year}"}),
    "add-schedule": (
        nothing,
        lambda year: {
            "cohort": str(CohortFactory.create(start_year=year).pk),
            "group": str(group(year).pk),
            "identifier": f"spring-{year}",
            "accepted_from": f"{year + 1}-01-01",
        },
    ),
    "edit-schedule": (schedule, lambda year: {"identifier": f"spring-{year}"}),
    "add-milestone": (
        lambda year: milestone(year).schedule,
        lambda year: {"declaration_type": "completed", "start_date": f"{year + 1}-06-01"},
    ),
    "edit-milestone": (milestone, lambda year: {"cut_off_date": f"{year}-12-25"}),
    "remove-milestone": (lambda year: milestone(year, "retained-1"), lambda _year: {}),
    "edit-period": (period, lambda year: {"deadline_date": f"{year}-12-31"}),
    "add-price": (
        nothing,
        lambda year: {
            **{name: str(it.pk) for name, it in contract(year).items()},
            "price_per_participant": "812.50",
        },
    ),
    "edit-price": (price, lambda _year: {"price_per_participant": "812.50"}),
}
"""For each edit what row it is about, and what is filled in, in a year of its own."""

YEARS = {slug: 2100 + number for number, slug in enumerate(WALKS)}


@pytest.mark.parametrize("slug", WALKS)
def test_from_the_row_to_its_history(slug, browse, portal):
    edit, year = EDITS[slug], YEARS[slug]
    make, fill = WALKS[slug]
    row, values = make(year), fill(year)
    options = edit.about._meta
    model = f"{options.app_label}_{options.model_name}"
    page = browse("caseworker", reduced_motion="reduce")
    if edit.adds:
        page.goto(reverse(f"admin:{model}_changelist"))
        press(page, f"a[href$='/{slug}/']")
    else:
        page.goto(reverse(f"admin:{model}_change", args=[row.pk]))
        press(page, f"a[href$='/{slug}/{row.pk}/']")
    expect(page.get_by_role("heading", name=edit.title)).to_be_visible()
    for name, value in {**values, "reason": WHY}.items():
        fill_in(page, name, value)
    press(page, SUBMIT)
    expect(page.get_by_role("table", name="What will change")).to_be_visible()
    look_through(page)
    press(page, SUBMIT)
    expect(page.get_by_text(edit.done)).to_be_visible()
    if slug not in {"remove-milestone", "add-milestone", "copy-cohort"}:
        page.get_by_role("link", name="History").click()
        expect(page.get_by_text(WHY)).to_be_visible()


def test_every_edit_is_walked():
    assert {*WALKS, "move-windows"} == set(EDITS)


@pytest.fixture
def schedules(portal):
    names = ("npq-leadership-autumn", "npq-leadership-spring")
    return [Schedule.objects.get(cohort__start_year=2021, identifier=it) for it in names]


def test_the_border_of_two_windows_is_moved_and_moved_back(browse, schedules):
    autumn, spring = schedules
    page = browse("caseworker", reduced_motion="reduce")
    page.goto(f"/admin/schedules/schedule/{autumn.pk}/change/")
    press(page, f"a[href$='/move-windows/{autumn.pk}/']")
    expect(page.get_by_role("heading", name="Move windows")).to_be_visible()
    look_at(page)

    fill_in(page, f"until_{autumn.pk}", "2021-12-31")
    fill_in(page, "reason", "The notice had a misprint.")
    press(page, SUBMIT)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("taken by npq-leadership-autumn and npq-leadership-spring")
    look_at(page)

    fill_in(page, f"from_{spring.pk}", "2022-01-01")
    press(page, SUBMIT)
    changes = page.get_by_role("table", name="What will change")
    expect(changes.get_by_role("row", name="accepted until")).to_contain_text("31 Dec 2021")
    expect(changes.get_by_role("row", name="accepted from")).to_contain_text("1 Jan 2022")
    look_at(page)

    press(page, SUBMIT)
    expect(page.get_by_text("The windows are moved.")).to_be_visible()
    autumn.refresh_from_db()
    spring.refresh_from_db()
    assert (str(autumn.accepted_until), str(spring.accepted_from)) == ("2021-12-31", "2022-01-01")

    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("The notice had a misprint.")).to_be_visible()
    page.goto(f"/admin/schedules/schedule/{spring.pk}/change/")
    press(page, f"a[href$='/move-windows/{spring.pk}/']")
    expect(page.get_by_role("heading", name="Move windows")).to_be_visible()
    fill_in(page, f"until_{autumn.pk}", "2021-12-25")
    fill_in(page, f"from_{spring.pk}", "2021-12-26")
    fill_in(page, "reason", "It was right before.")
    press(page, SUBMIT)
    expect(page.get_by_role("table", name="What will change")).to_be_visible()
    press(page, SUBMIT)
    expect(page.get_by_text("The windows are moved.")).to_be_visible()
