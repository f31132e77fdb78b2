"""Everything works with the keyboard alone, and one sees where it is (rules 13.9)."""

from typing import Any

import pytest
from playwright.sync_api import expect

from participants.models import Application, Participant
from tests.browser.keyboard import tab_to
from tests.browser.pages import ALL_ROLES

FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"

# Those that can be reached; what is in a closed list of details cannot, nor what is not shown.
COUNT = f"""
[...document.querySelectorAll("{FOCUSABLE}")].filter(
  it => it.checkVisibility({{visibilityProperty: true}}) && !it.disabled
).length
"""

FOCUSED = """
() => {
  const it = document.activeElement;
  if (it === document.body) return null;
  const style = getComputedStyle(it), box = it.getBoundingClientRect();
  return {
    name: it.outerHTML.slice(0, 120),
    ringed: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}
"""


def tab_through(page):
    """Press Tab until the end of the page; return what was focused."""
    stops: list[dict[str, Any]] = []
    for _ in range(500):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            return stops
        stops.append(stop)
    pytest.fail("Tab does not come to an end.")


def paths():
    person = Participant.objects.earliest("created_at", "id")
    application = Application.objects.filter(status="accepted").earliest("created_at", "id")
    return {
        "front page": "/admin/",
        "log-in": "/admin/login/",
        "list": f"/admin/declarations/declaration/?q={person.email}",
        "participant": f"/admin/participants/participant/{person.pk}/change/",
        "application": f"/admin/participants/application/{application.pk}/change/",
        "history": f"/admin/participants/participant/{person.pk}/history/",
    }


@pytest.mark.parametrize(
    "name", ["front page", "log-in", "list", "participant", "application", "history"]
)
@pytest.mark.parametrize("width", [1280, 375])
def test_tab_reaches_everything_and_shows_where_it_is(name, width, portal, browse):
    role = None if name == "log-in" else ALL_ROLES
    page = browse(role, viewport={"width": width, "height": 700})
    page.goto(paths()[name])
    if page.evaluate("document.activeElement !== document.body"):
        tab_through(page)  # from what has the focus at first to the end
    stops = tab_through(page)
    assert [stop["name"] for stop in stops if not (stop["ringed"] and stop["seen"])] == []
    assert len(stops) == page.evaluate(COUNT)


def test_the_first_stop_skips_to_the_content(browse):
    page = browse("viewer")
    page.goto("/admin/participants/participant/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_from_the_log_in_to_a_participant_without_a_mouse(portal, browse):
    person = Participant.objects.earliest("created_at", "id")
    page = browse()
    page.goto("/admin/login/?next=/admin/")
    page.keyboard.type(portal.staff["caseworker"]["username"])
    page.keyboard.press("Tab")
    page.keyboard.type(portal.staff["caseworker"]["password"])
    page.keyboard.press("Enter")
    page.wait_for_url("/admin/")
    tab_to(page, "#find")
    page.keyboard.type(person.email)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=person.full_name)).to_be_visible()


def test_a_wide_table_is_scrolled_with_the_arrow_keys(browse):
    page = browse("viewer", viewport={"width": 375, "height": 700})
    page.goto("/admin/declarations/declaration/")
    tab_to(page, ".wide")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".wide")).not_to_have_js_property("scrollLeft", 0)
