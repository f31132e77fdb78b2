"""Moving the day on which two windows meet, with the keyboard alone (rules 13.9, 14.11).

It writes: what it changes is moved back at the end, for the tests that read the same data.
"""

import pytest
from playwright.sync_api import expect

from schedules.models import Schedule
from tests.browser.keyboard import fill_in, press
from tests.browser.test_corrections import look_at

SUBMIT = "input[type=submit].default"


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
