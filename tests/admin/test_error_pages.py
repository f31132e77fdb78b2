"""Errors that staff meet are pages that say what to do next (rules 13.10)."""

from uuid import UUID

import pytest
from django.test import Client

FRONT = '<a href="/admin/">'
UNKNOWN = f"/admin/back_office/correction/defer/{UUID(int=0)}/"


@pytest.fixture
def staff(member):
    def log_in(role, **options):
        client = Client(raise_request_exception=False, **options)
        client.force_login(member(role), "django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def is_page(answer, status, heading):
    assert (answer.status_code, answer["Content-Type"]) == (status, "text/html; charset=utf-8")
    page = answer.content.decode()
    return f"<h1>{heading}</h1>" in page and FRONT in page


@pytest.mark.parametrize("path", ["/admin/nowhere/", UNKNOWN, "/single-sign-on/nowhere"])
def test_an_address_that_leads_nowhere(staff, path):
    assert is_page(staff("caseworker").get(path), 404, "There is nothing here")


def test_what_the_role_does_not_include(staff):
    answer = staff("viewer").get("/admin/providers/leadprovider/add/")
    assert is_page(answer, 403, "You may not do this")


def test_an_address_that_is_not_there_to_be_opened(staff):
    answer = staff("viewer").get("/admin/logout/")
    assert is_page(answer, 405, "This address is not there to be opened")
    assert answer["Allow"] == "POST, OPTIONS"


def test_a_form_that_is_too_old(staff):
    answer = staff("administrator", enforce_csrf_checks=True).post("/admin/logout/")
    assert is_page(answer, 403, "This form is too old")


def test_a_request_that_cannot_be_read(staff):
    answer = staff("viewer").get("/admin/", headers={"host": "else.where"})
    assert is_page(answer, 400, "This request could not be read")


def test_an_error_of_ours_names_the_request(staff, monkeypatch):
    def broken(*_):
        raise LookupError

    monkeypatch.setattr("npq_portal.back_office.attention.sections", broken)
    answer = staff("caseworker").get("/admin/")
    assert is_page(answer, 500, "Something went wrong on our side")
    assert f"<code>{answer['X-Request-ID']}</code>" in answer.content.decode()


@pytest.mark.parametrize("path", ["/", "/nowhere", "/health/nowhere", "/administration/"])
def test_elsewhere_a_program_is_answered(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
