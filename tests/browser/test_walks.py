"""Finding somebody and understanding what there is, as each role walks through it (rules 13.8)."""

import re

import pytest
from playwright.sync_api import expect

from npq_portal.staff.roles import ROLES
from participants.models import Participant
from tests.browser.conftest import fill_log_in

as_each_role = pytest.mark.parametrize("role", ROLES)


@pytest.fixture
def person(portal):
    return Participant.objects.filter(applications__status="accepted").earliest("created_at", "id")


@as_each_role
def test_from_the_log_in_to_a_participants_application(role, portal, browse, person):
    page = browse()
    fill_log_in(page, **portal.staff[role])
    expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()
    page.get_by_label("Find a participant").fill(person.email)
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name=person.full_name)).to_be_visible()
    expect(page.get_by_text(person.email).first).to_be_visible()
    applications = page.get_by_role("region", name="Applications")
    applications.get_by_role("link").first.click()
    expect(page.get_by_role("region", name="History").first).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


@as_each_role
def test_what_needs_attention_leads_to_it(role, browse):
    page = browse(role)
    page.goto("/admin/")
    pending = page.locator(".card", has_text="Applications pending longest")
    name = pending.get_by_role("link").first.inner_text()
    pending.get_by_role("link").first.click()
    expect(page.get_by_role("link", name=name).first).to_be_visible()
    expect(page.get_by_text("Pending").first).to_be_visible()
    page.goto("/admin/")
    page.locator(".card", has_text="Duplicates by TRN").get_by_role("link").first.click()
    expect(page.locator("#result_list tbody tr")).to_have_count(2)


def test_the_bars_have_names_and_the_same_figures_as_the_table(browse):
    page = browse("viewer")
    page.goto("/admin/")
    page.get_by_text("The figures as a table").click()
    table = page.get_by_role("region", name="Declarations by month")
    states = table.locator("thead th").all_inner_texts()[1:-1]
    totals = table.locator("tfoot td").all_inner_texts()[:-1]
    assert len(states) == 8
    for state, total in zip(states, totals, strict=True):
        name = re.compile(f"^{state}, {total} in twelve months")
        expect(page.get_by_role("img", name=name)).to_be_visible()


def test_a_list_is_narrowed_by_a_filter_and_put_in_order(browse):
    page = browse("finance")
    page.goto("/admin/declarations/declaration/")
    page.get_by_role("navigation", name="Filter").get_by_role("link", name="Voided").click()
    states = page.locator("td.field-state")
    assert set(states.all_inner_texts()) == {"Voided"}
    page.get_by_role("columnheader").get_by_role("link", name="Created at").click()
    expect(page.locator("th.sorted.column-created_at")).to_be_visible()
    page.get_by_role("link", name="Clear all filters").click()
    expect(page.locator("td.field-state").first).to_be_visible()


def test_a_page_can_be_dark_and_stays_so(browse):
    page = browse("viewer", color_scheme="light")
    page.goto("/admin/")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    for _ in range(2):
        page.locator(".theme-toggle").click()
    page.goto("/admin/participants/participant/")
    assert page.locator("html").get_attribute("data-theme") in {"light", "dark"}
    page.emulate_media(color_scheme="dark")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate(ground) != light


def test_nothing_comes_from_elsewhere(browse, portal):
    page = browse("administrator")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/admin/")
    page.goto("/admin/participants/participant/")
    assert asked
    assert [url for url in asked if not url.startswith(portal.url)] == []
