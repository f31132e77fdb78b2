"""What is in sight without scrolling sideways, however long the texts are (rules 13.9)."""

import pytest
from django.urls import reverse

from declarations.models import Declaration
from participants.models import Participant
from tests.browser.conftest import LONG_NAME, LONG_REASON
from tests.browser.pages import url_name
from tests.browser.test_every_page import width_of_content

DESKTOPS = (1280, 1440)

# In pixels: a measure of 24em, and its padding.
WIDEST_CELL = 360


@pytest.fixture
def page(browse):
    return browse("caseworker", reduced_motion="reduce")


@pytest.fixture
def long_name(portal):
    return Participant.objects.get(full_name=LONG_NAME)


def ends(locator):
    box = locator.bounding_box()
    return box["x"], box["x"] + box["width"]


def people_with_declarations():
    """Return the ids of participants who between them have a declaration in each state there is."""
    oldest_first = Declaration.objects.order_by("state", "declaration_date", "id")
    by_state = dict(oldest_first.values_list("state", "application__participant_id"))
    return set(by_state.values())


@pytest.mark.parametrize("width", DESKTOPS)
def test_every_link_of_a_declaration_is_in_sight(width, page, portal):
    page.set_viewport_size({"width": width, "height": 900})
    seen = set()
    for person in people_with_declarations():
        page.goto(reverse(url_name(Participant, "change"), args=[person]))
        for table in page.locator(".application .wide").all():
            left, right = ends(table)
            for link in table.get_by_role("link").all():
                start, end = ends(link)
                assert left <= start < end <= right, link.inner_text()
                seen.add(link.inner_text().partition("\n")[0])
    assert {"Void declaration", "Claw back payment", "Correct outcome"} <= seen


@pytest.mark.parametrize("width", [*DESKTOPS, 375])
def test_long_texts_of_a_list_wrap_and_dates_keep_their_line(width, page, long_name):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/admin/back_office/correction/?q={long_name.pk}")
    row = page.locator("#result_list tbody tr", has_text=LONG_REASON.strip())
    for column in ("reason", "column"):
        start, end = ends(row.locator(f".field-{column}"))
        assert end - start <= WIDEST_CELL
    assert row.locator(".field-at a").evaluate("it => it.getClientRects().length") == 1


@pytest.mark.parametrize("width", [1280, 375])
def test_a_long_name_is_no_wider_than_the_window(width, page, long_name):
    application = long_name.applications.get()
    page.set_viewport_size({"width": width, "height": 900})
    for path in (
        reverse(url_name(Participant, "change"), args=[long_name.pk]),
        reverse(url_name(Participant, "history"), args=[long_name.pk]),
        reverse(url_name(type(application), "change"), args=[application.pk]),
        reverse("admin:back_office_correction_make", args=["merge", long_name.pk]),
        reverse("admin:back_office_correction_make", args=["correct-details", long_name.pk]),
        f"/admin/back_office/correction/?q={long_name.pk}",
    ):
        assert page.goto(path).ok
        assert width_of_content(page) <= width, path


def test_what_will_change_is_in_sight_on_a_phone(page, long_name):
    page.set_viewport_size({"width": 375, "height": 900})
    page.goto(reverse("admin:back_office_correction_make", args=["correct-details", long_name.pk]))
    page.locator("[name=full_name]").fill("Ada Byron King")
    page.locator("[name=reason]").fill("It was the wrong one.")
    page.get_by_role("button", name="Show what will change").click()
    left, right = ends(page.get_by_role("region", name="What will change"))
    for cell in page.get_by_role("table").get_by_role("cell").all():
        start, end = ends(cell)
        assert left <= start < end <= right
