"""No other site acts for a member of staff, over every page that takes a form (rules 18.7)."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver

from npq_portal.back_office.models import ProviderRequest
from npq_portal.providers.models import LeadProvider
from participants.models import Application, Participant
from tests.admin.test_access import addresses, named
from tests.admin.test_pages import make
from tests.conftest import PASSWORD

ABROAD = {
    "no token": {},
    "no token, and from elsewhere": {"origin": "https://evil.example"},
    "from a sandbox": {"origin": "null"},
    "from a look-alike": {"origin": "https://testserver.evil.example"},
}


def picture():
    labels = ("participants", "declarations", "outcomes", "providers", "schedules", "back_office")
    models: list[Any] = [
        User,
        *(it for label in labels for it in apps.get_app_config(label).get_models()),
    ]
    return {model: sorted(map(repr, model._default_manager.values())) for model in models}


@pytest.fixture
def somebody(single_sign_on, db):
    make(1)
    return User.objects.create_superuser("somebody", password=PASSWORD)


@pytest.fixture
def known(somebody):
    """Every page's address."""
    pages = [it for it in named(get_resolver()) if it not in {"schema", "docs"}]
    return {name: url for each in pages for name, url in addresses(each).items()}


@pytest.fixture
def signed_in(somebody):
    signed_in = Client(enforce_csrf_checks=True)
    signed_in.force_login(somebody, "django.contrib.auth.backends.ModelBackend")
    return signed_in


@pytest.mark.parametrize("abroad", ABROAD)
def test_a_form_that_another_site_sends_is_refused_on_every_page(known, signed_in, abroad):
    before = picture()
    accepted = {}
    for name, url in known.items():
        values = {"post": "yes", "_save": "1", "confirm": "1", "reason": "Forged"}
        answer = signed_in.post(url, values, secure=True, headers=ABROAD[abroad])
        if answer.status_code != 403:
            accepted[name] = answer.status_code
    assert accepted == {}
    assert picture() == before


def test_a_token_of_somebody_elses_is_refused_as_well(known, signed_in):
    forged = "a" * 32
    for name, url in known.items():
        signed_in.cookies.pop("csrftoken", None)
        answer = signed_in.post(url, {"csrfmiddlewaretoken": forged}, secure=True)
        assert answer.status_code == 403, name


def test_no_page_can_be_put_into_a_frame(known, signed_in):
    for name, url in known.items():
        answer = signed_in.get(url)
        assert answer["X-Frame-Options"] == "DENY", name
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], name


def test_reading_a_page_changes_nothing(known, signed_in):
    before = picture()
    for url in known.values():
        signed_in.get(url)
    assert picture() == before


@pytest.mark.parametrize("query", ["", "?error=x", "?error=x&state=guessed", "?code=a&state=x"])
def test_no_link_logs_anybody_out(known, signed_in, query):
    signed_in.get(known["oidc_authentication_init"])
    for name, url in known.items():
        signed_in.get(url + query)
        assert "_auth_user_id" in signed_in.session, name


def test_nobody_is_led_elsewhere_after_logging_in(client, somebody):
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"):
        values = {"username": "somebody", "password": PASSWORD, "next": elsewhere}
        answer = client.post("/admin/login/", values)
        assert (answer.status_code, answer["Location"]) == (302, "/admin/")
        client.logout()


def test_a_session_begins_anew_with_a_log_in(client, somebody):
    client.get("/admin/login/")
    client.cookies["sessionid"] = "fixedfixedfixedfixedfixedfixedfi"
    client.post("/admin/login/", {"username": "somebody", "password": PASSWORD})
    assert client.cookies["sessionid"].value != "fixedfixedfixedfixedfixedfixedfi"


MARKUP = "<script>alert(1)</script>{{ 7|add:7 }}\"'>"


def test_what_providers_and_people_wrote_is_text_on_every_page(known, signed_in):
    Participant.objects.update(full_name=MARKUP)
    Application.objects.update(employer_name=MARKUP, employment_role=MARKUP)
    LeadProvider.objects.update(name=MARKUP)
    ProviderRequest.objects.update(body=MARKUP, answer=MARKUP, path=f"/{MARKUP}")
    shown = 0
    for name, url in known.items():
        for address in (url, f"{url}?q={MARKUP}"):
            answer = signed_in.get(address, follow=True)
            page = answer.getvalue().decode()
            assert "<script>alert" not in page, name
            shown += "&lt;script&gt;alert" in page
    assert shown > 20
