"""What holds on each page of the admin, for whoever looks at it (rules 13.9)."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.pages import PAGES

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# The narrowest phone, and a window of 1280 pixels at double size.
WIDTHS = (375, 640)


def violations(page, rules):
    """Return what axe finds against these tags or rules."""
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [
        f"{rule['id']}: {node['html']} ({node['failureSummary']})"
        for rule in found
        for node in rule["nodes"]
    ]


def width_of_content(page):
    return page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("it", PAGES, ids=[page.name for page in PAGES])
def test_everybody_can_use(it, browse):
    page = browse(it.role, color_scheme="light", reduced_motion="reduce")
    assert page.goto(it.path()).ok
    check_for_everybody(page)


@pytest.mark.parametrize(
    ("path", "status"), [("/admin/nowhere/", 404), ("/admin/providers/leadprovider/add/", 403)]
)
def test_everybody_can_use_the_page_of_an_error(path, status, browse):
    page = browse("viewer", color_scheme="light", reduced_motion="reduce")
    assert page.goto(path).status == status
    check_for_everybody(page)


def check_for_everybody(page):
    page.evaluate(Axe().axe_script)
    assert violations(page, RULES) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert violations(page, ["color-contrast", "link-in-text-block"]) == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 600})
        assert width_of_content(page) <= width
