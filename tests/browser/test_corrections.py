"""Each kind of correction from the search to the timeline, with the keyboard alone (14.13, 14.14).

They write. Each takes a record of its own, and what can be undone is, for the tests that read.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from npq_portal.back_office.corrections.kinds import KINDS
from npq_portal.back_office.corrections.kinds.kind import never
from npq_portal.back_office.corrections.records import participant_of
from participants.models import Application, Participant
from tests.browser.corrections import WALKS, Client, find
from tests.browser.keyboard import fill_in, press, tab_to
from tests.browser.test_every_page import RULES, WIDTHS, violations, width_of_content

WHY = "The provider rang."
BUTTON = "input[type=submit].default"


@pytest.fixture
def page(browse):
    return browse("caseworker", reduced_motion="reduce")


@pytest.fixture
def client_of(portal):
    """Return a function that returns the client of a record's provider."""

    def make(record):
        held = record
        if isinstance(record, Participant):
            held = record.applications.filter(status="accepted").earliest("created_at")
        provider = held.lead_provider
        return Client(portal.url, provider, portal.tokens[provider.name])

    return make


def look_through(page):
    """Let axe look at a page; what all pages of a kind have in common is looked at once."""
    page.evaluate(Axe().axe_script)
    assert violations(page, RULES) == []


def look_at(page):
    """Look at a page in the dark and on narrow windows, too."""
    look_through(page)
    page.emulate_media(color_scheme="dark")
    assert violations(page, ["color-contrast", "link-in-text-block"]) == []
    page.emulate_media(color_scheme="light")
    size = page.viewport_size
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 600})
        assert width_of_content(page) <= width
    page.set_viewport_size(size)


def search(page, participant):
    page.goto("/admin/")
    page.keyboard.press("Tab")
    tab_to(page, "#find")
    page.keyboard.type(participant.email)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=participant.full_name)).to_be_visible()


def see_it_done(page, done):
    expect(page.get_by_text(done)).to_be_visible()
    expect(page.get_by_role("region", name="Timeline")).to_contain_text(WHY)


@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_from_the_search_to_the_timeline_and_back(walk, page, client_of, portal):
    kind = KINDS[walk.kind]
    record, values = find(walk)
    client = client_of(record)
    before = walk.seen(client, record)

    search(page, participant_of(record))
    press(page, f"a[href*='/{walk.kind}/{record.pk}/']")
    expect(page.get_by_role("heading", name=kind.title)).to_be_visible()
    for name, value in values.items():
        fill_in(page, name, value)
    fill_in(page, "reason", WHY)
    press(page, BUTTON)
    expect(page.get_by_role("table", name="What will change")).to_be_visible()
    look_through(page)
    assert walk.seen(client, record) == before

    press(page, BUTTON)
    see_it_done(page, kind.done)
    assert walk.seen(client, record) == walk.becomes(values) != before
    undo = page.locator("a[href$='/undo/']")
    opposite = kind.opposite(record)
    assert bool(undo.count()) == (opposite is not None)
    if opposite is None:
        return

    press(page, "a[href$='/undo/']")
    expect(page.get_by_role("heading", name=f"Undo: {kind.title.lower()}")).to_be_visible()
    fill_in(page, "reason", "It was right before.")
    press(page, BUTTON)
    expect(page.get_by_role("table", name="What will change")).to_be_visible()
    press(page, BUTTON)
    see_it_done(page, KINDS[opposite.kind].done)
    if walk.kind != "record-outcome":  # what was recorded is retracted then, and stays in sight
        assert walk.seen(client, record) == before


def test_every_kind_that_is_offered_is_walked():
    offered = {slug for slug, kind in KINDS.items() if kind.is_offered != never}
    assert {walk.kind for walk in WALKS} == offered


def test_a_form_that_lacks_something_says_what(page, portal):
    application = Application.objects.filter(training_status="active").earliest("created_at")
    page.goto(f"/admin/back_office/correction/change-schedule/{application.pk}/")
    press(page, BUTTON)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("New schedule")
    expect(alert).to_contain_text("Why")
    look_at(page)


def test_a_second_click_sends_nothing_and_who_comes_back_can_send_again(page, portal):
    record, values = find(next(it for it in WALKS if it.kind == "change-funding"))
    page.goto(f"/admin/back_office/correction/change-funding/{record.pk}/")
    page.get_by_label("Eligible for funding").set_checked(bool(values["eligible_for_funding"]))
    page.get_by_label("Why", exact=True).fill(WHY)
    page.locator(BUTTON).click()
    expect(page.get_by_role("table", name="What will change")).to_be_visible()
    page.go_back()
    expect(page.locator(BUTTON)).to_be_enabled()
    page.locator(BUTTON).click()
    expect(page.get_by_role("table", name="What will change")).to_be_visible()

    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    page.locator(BUTTON).dblclick()
    see_it_done(page, KINDS["change-funding"].done)
    assert len(sent) == 1
