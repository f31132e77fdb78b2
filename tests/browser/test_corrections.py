"""A correction from the search to the timeline, with the keyboard alone (rules 13.9, 14.13).

It writes: what it changes is undone at the end, for the tests that read the same data.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from participants.models import Application
from schedules.models import Schedule
from tests.browser.test_every_page import RULES, WIDTHS, violations, width_of_content
from tests.browser.test_keyboard import tab_to

WHY = "The provider rang."


@pytest.fixture
def application(portal):
    """Return an enrolment of somebody with one application, that can go to another schedule."""
    candidates = Application.objects.filter(
        training_status="active", declarations__isnull=True
    ).select_related("participant", "course", "cohort")
    for it in candidates.order_by("created_at"):
        others = Schedule.objects.filter(group=it.course.group_id, cohort=it.cohort_id)
        if it.participant.applications.count() == 1 and others.count() > 1:
            return it
    return pytest.fail("The demo has nobody to move.")


def look_at(page):
    page.evaluate(Axe().axe_script)
    assert violations(page, RULES) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, ["color-contrast", "link-in-text-block"]) == []
    page.emulate_media(color_scheme="light")
    size = page.viewport_size
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 600})
        assert width_of_content(page) <= width
    page.set_viewport_size(size)


def press(page, selector):
    tab_to(page, selector)
    page.keyboard.press("Enter")


def test_from_the_search_to_the_changed_schedule_and_back(browse, application):
    page = browse("caseworker", reduced_motion="reduce")
    page.goto("/admin/")
    page.keyboard.press("Tab")
    tab_to(page, "#find")
    page.keyboard.type(application.participant.email)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=application.participant.full_name)).to_be_visible()
    press(page, f"a[href*='change-schedule/{application.pk}']")
    expect(page.get_by_role("heading", name="Change schedule")).to_be_visible()
    look_at(page)

    press(page, "input[type=submit].default")  # without a schedule and a reason
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("New schedule")
    expect(alert).to_contain_text("Why")
    look_at(page)

    new = (
        Schedule.objects.filter(group=application.course.group_id, cohort=application.cohort_id)
        .exclude(pk=application.schedule_id)
        .first()
    )
    tab_to(page, "#id_schedule")
    page.keyboard.type(str(new))
    tab_to(page, "#id_reason")
    page.keyboard.type(WHY)
    press(page, "input[type=submit].default")
    changes = page.get_by_role("table", name="What will change")
    expect(changes.get_by_role("row", name="schedule")).to_contain_text(str(new))
    look_at(page)

    press(page, "input[type=submit].default")
    expect(page.get_by_text("The schedule is changed.")).to_be_visible()
    expect(page.get_by_role("region", name="Timeline")).to_contain_text(WHY)
    look_at(page)

    press(page, "a[href$='/undo/']")
    expect(page.get_by_role("heading", name="Undo: change schedule")).to_be_visible()
    tab_to(page, "#id_reason")
    page.keyboard.type("It was right before.")
    press(page, "input[type=submit].default")
    expect(page.get_by_role("table", name="What will change")).to_be_visible()
    press(page, "input[type=submit].default")
    expect(page.get_by_text("The schedule is changed.")).to_be_visible()
    application.refresh_from_db()
    assert application.schedule_id != new.pk
