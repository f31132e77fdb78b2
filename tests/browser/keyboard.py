"""What somebody does who has no mouse (rules 13.9)."""

import pytest


def tab_to(page, selector):
    """Press Tab until what ``selector`` matches is focused."""
    for _ in range(300):
        if page.evaluate("it => document.activeElement.matches(it)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not come to {selector}.")


def press(page, selector):
    """Go to a link or a button, and press it."""
    tab_to(page, selector)
    page.keyboard.press("Enter")


def fill_in(page, name, value):
    """Go to the field of this name and give it a value, written as a form posts it."""
    tab_to(page, f"[name={name}]")
    field = page.locator(f"[name={name}]")
    kind = field.evaluate("it => it.type")
    if kind == "checkbox":
        if field.is_checked() != bool(value):
            page.keyboard.press("Space")
        return
    if kind == "select-one":
        page.keyboard.type(field.locator(f"option[value='{value}']").inner_text())
    elif kind in {"date", "datetime-local"}:
        type_date(page, field, value)
    else:
        page.keyboard.press("Control+A")
        page.keyboard.type(value)
    assert field.input_value() == value


def type_date(page, field, value):
    """Type ``2021-12-05``, or ``2021-12-05T09:30``, into the parts that the browser shows.

    Which part comes first, and whether the hour is one of twelve, is the browser's language's.
    """
    day, _, time = value.partition("T")
    year, month, date = day.split("-")
    for in_order in (f"{date}{month}{year}", f"{month}{date}{year}"):
        for _ in range(6):
            page.keyboard.press("ArrowLeft")
        page.keyboard.type(in_order)
        if time:
            hour, minute = time.split(":")
            page.keyboard.press("ArrowRight")
            page.keyboard.type(f"{(int(hour) - 1) % 12 + 1:02}{minute}{'AP'[int(hour) > 11]}")
        if field.input_value() == value:
            return
