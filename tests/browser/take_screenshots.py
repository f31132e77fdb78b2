"""Takes the pictures of docs/caseworker-guide.md from the demo's data (``make screenshots``)."""

from pathlib import Path

import pytest

from npq_portal.back_office.corrections.records import participant_of
from tests.browser.corrections import WALKS, find
from tests.browser.keyboard import fill_in
from tests.browser.test_corrections import BUTTON

IMAGES = Path(__file__).parents[2] / "docs" / "images"

COMMONEST = {
    "correct-details": "The participant married, and sent the certificate.",
    "change-schedule": "The provider put them on the wrong schedule, and told us.",
    "withdraw": "The participant left the school; the provider forgot to tell us.",
    "void": "The provider declared the wrong participant.",
    "correct-outcome": "The assessment was marked again.",
}
"""The corrections of the guide, each with a reason as it should be."""


@pytest.fixture
def page(browse):
    return browse("caseworker", viewport={"width": 1000, "height": 700}, color_scheme="light")


def take(page, name, selector="#content"):
    page.evaluate("document.activeElement.blur()")
    page.locator(selector).first.screenshot(path=IMAGES / f"{name}.png")


@pytest.mark.parametrize("walk", [it for it in WALKS if it.kind in COMMONEST], ids=str)
def test_take_a_correction(walk, page, portal):
    record, values = find(walk)
    participant = participant_of(record)
    page.goto(f"/admin/participants/participant/{participant.pk}/change/")
    if walk.kind == "correct-details":
        take(page, "participant", "#container")
    page.locator(f"a[href*='/{walk.kind}/{record.pk}/']").click()
    for name, value in {**values, "reason": COMMONEST[walk.kind]}.items():
        page.locator(f"[name={name}]").focus()
        fill_in(page, name, value)
    take(page, f"{walk.kind}-form")
    page.locator(BUTTON).click()
    take(page, f"{walk.kind}-preview")
    page.locator(BUTTON).click()
    if walk.kind == "change-schedule":
        take(page, "timeline", ".timeline")
        page.locator("a[href$='/undo/']").click()
        take(page, "undo")


def test_take_the_front_page(page):
    page.goto("/admin/")
    page.locator("#find").fill("ada@example.org")
    take(page, "search", "#container")
