"""Many corrections at once, from the front page to the results, with the keyboard (rules 14.16).

It writes: what it changes is undone at the end, for the tests that read the same data.
"""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from npq_portal.back_office.correction_files import services
from npq_portal.back_office.models import Correction, CorrectionFile
from participants.models import Application
from tests.back_office.correction_files.conftest import FileDesk, page_of, written
from tests.back_office.corrections.conftest import Desk
from tests.browser.keyboard import press, tab_to
from tests.browser.test_corrections import look_at

HEADER = ("application_id", "eligible_for_funding")
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def caseworker(portal):
    return User.objects.get(username=portal.staff["caseworker"]["username"])


@pytest.fixture
def people(portal, caseworker):
    """Return pending applications with funding, which they have again at the end."""
    found = Application.objects.filter(status="pending", eligible_for_funding=True)[:3]
    assert len(found) == 3
    yield list(found)
    for correction in Correction.objects.standing().filter(
        file_row__isnull=False, staff=caseworker
    ):
        Desk(caseworker).undo(correction)
    CorrectionFile.objects.unconfirmed().delete()


@pytest.fixture
def content(people):
    return written(HEADER, *((it.pk, "false") for it in people), (UNKNOWN, "false"))


@pytest.fixture
def in_small_steps(monkeypatch):
    """Let the page go on many times."""
    monkeypatch.setattr(services, "ROWS_AT_ONCE", 2)


def choose(page, content):
    """Put a file where the keyboard comes to; the list to choose from is the browser's own."""
    tab_to(page, "#id_file")
    page.set_input_files("#id_file", corrections(content))


def corrections(content):
    return {"name": "funding.csv", "mimeType": "text/csv", "buffer": content}


def test_from_the_front_page_to_the_results(browse, content, in_small_steps):
    page = browse("caseworker", reduced_motion="reduce")
    page.goto("/admin/")
    press(page, "a[href$='/correctionfile/add/']")
    expect(page.get_by_role("heading", name="Correct many at once")).to_be_visible()
    page.locator(".file-kind summary").first.click()
    look_at(page)

    press(page, "input[type=submit].default")  # without a file
    expect(page.get_by_role("alert")).to_contain_text("CSV file")
    look_at(page)

    tab_to(page, "#id_kind")
    page.keyboard.type("Change funding")
    choose(page, b"application_id;so\n7;1")
    tab_to(page, "#id_reason")
    page.keyboard.type("The provider rang.")
    press(page, "input[type=submit].default")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Row 1, eligible_for_funding: is missing.")
    expect(alert).to_contain_text("Row 1, so: is unknown.")
    look_at(page)

    choose(page, content)
    press(page, "input[type=submit].default")
    expect(page.get_by_role("heading", name="3 of 4 rows can be carried out")).to_be_visible()
    refused = page.get_by_role("row", name="Refused")
    expect(refused).to_contain_text(f"There is no application {UNKNOWN}.")
    look_at(page)

    press(page, "input[value^='Confirm']")
    expect(page.get_by_role("heading", name="3 of 4 rows were carried out")).to_be_visible()
    look_at(page)

    with page.expect_download() as download:
        press(page, "a[href$='/results/']")
    assert b"eligible > not eligible" in download.value.path().read_bytes()
    press(page, "a[href='?state=refused']")
    expect(page.locator(".file-rows tbody tr")).to_have_count(1)


def test_without_scripts_a_button_goes_on(browse, content, in_small_steps):
    page = browse("caseworker", java_script_enabled=False)
    page.goto("/admin/back_office/correctionfile/add/")
    page.get_by_label("What to do").select_option("change-funding")
    page.set_input_files("#id_file", corrections(content))
    page.get_by_label("Why").fill("The provider rang.")
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_text("0 of 4 rows checked")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("2 of 4 rows checked")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="3 of 4 rows can be carried out")).to_be_visible()
    page.get_by_role("button", name="Discard the file").click()
    expect(page.get_by_text("funding.csv is discarded. Nothing was changed.")).to_be_visible()


def test_a_page_that_cannot_go_on_says_so_and_can_be_asked_again(
    browse, caseworker, people, in_small_steps
):
    rows = ((it.pk, "false") for it in people)
    file = FileDesk(caseworker).upload("change-funding", written(HEADER, *rows))
    page = browse("caseworker", reduced_motion="reduce")
    page.route("**/go-on/", lambda route: route.fulfill(body="Log in again."))
    page.goto(page_of(file))
    expect(page.get_by_role("alert")).to_contain_text("What is done is kept.")
    look_at(page)
    page.unroute("**/go-on/")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="3 of 3 rows can be carried out")).to_be_visible()
