"""Staff log in with the department's OpenID Connect provider (rules 13.3)."""

import os
import runpy
from pathlib import Path
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.urls import Resolver404, resolve

from npq_portal.staff import single_sign_on as sign_on
from tests.staff.openid_provider import OpenIdProvider, key_of

SETTINGS = Path(__file__).resolve().parents[2] / "npq_portal" / "settings.py"
START, CALLBACK = "/single-sign-on/", "/single-sign-on/callback/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(client, single_sign_on):
    """Return a function that goes to the provider and back, as a browser does."""

    def go(**query):
        there = client.get(START, query)
        back = requests.get(there["Location"], allow_redirects=False, timeout=5)
        return client.get(back.headers["Location"].removeprefix("http://testserver"))

    return go


@pytest.fixture
def refused(sign_in, client):
    """Return a function that says why a sign-in is refused, and that nobody is logged in."""

    def why(status=403):
        answer = sign_in()
        assert answer.status_code == status
        assert "_auth_user_id" not in client.session
        assert "no-store" in answer["Cache-Control"]
        return answer.context["reason"]

    return why


def test_the_log_in_page_offers_it_and_keeps_where_one_was_going(client, single_sign_on):
    page = client.get("/admin/login/", {"next": "/admin/outcomes/"}).content.decode()
    assert 'href="/single-sign-on/?next=/admin/outcomes/">Sign in with single sign-on</a>' in page


def test_a_member_of_staff_is_let_in_and_led_on(sign_in, client, member):
    ada = member("viewer", email="Ada@example.org")
    answer = sign_in(next="/admin/participants/participant/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/participants/participant/")
    assert client.get(answer["Location"]).status_code == 200
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_nobody_is_led_to_another_site(sign_in, member):
    member("viewer", email="ada@example.org")
    assert sign_in(next="https://elsewhere.example/")["Location"] == "/admin/"


def test_nobody_is_made_who_was_not_invited(refused, member):
    member("viewer", email="grace@example.org")
    assert refused() == sign_on.UNKNOWN
    assert User.objects.count() == 1


@pytest.mark.parametrize("email", [None, "", "ada@example.org\0", ["ada@example.org"]])
def test_an_account_without_an_address_is_nobodys(single_sign_on, refused, member, email):
    member("viewer", email="")
    single_sign_on.claims["email"] = email
    assert refused() == sign_on.UNKNOWN


def test_letters_that_only_look_the_same_are_others(single_sign_on, refused, member):
    member("viewer", email="MIKE@example.org")
    single_sign_on.claims["email"] = "m\N{LATIN SMALL LETTER DOTLESS I}ke@example.org"
    assert refused() == sign_on.UNKNOWN
    User.objects.update(email=single_sign_on.claims["email"])
    single_sign_on.claims["email"] = "mike@example.org"
    assert refused() == sign_on.UNKNOWN


def test_an_address_of_two_accounts_lets_nobody_in(refused, member):
    member("viewer", email="ada@example.org")
    member("administrator", email="ADA@example.org")
    assert refused() == sign_on.SHARED


@pytest.mark.parametrize(
    ("values", "why"),
    [({"is_active": False}, sign_on.INACTIVE), ({"is_staff": False}, sign_on.NOT_STAFF)],
)
def test_an_account_that_opens_nothing_is_told_why(refused, member, values, why):
    member("viewer", email="ada@example.org", **values)
    assert refused() == why


@pytest.mark.parametrize("verified", [None, False, "true", 1])
def test_an_address_counts_only_when_the_provider_verified_it(
    single_sign_on, refused, member, verified
):
    member("viewer", email="ada@example.org")
    single_sign_on.claims["email_verified"] = verified
    assert refused() == sign_on.NOT_VERIFIED


def test_a_token_signed_by_somebody_else_is_refused(single_sign_on, refused, member):
    member("viewer", email="ada@example.org")
    single_sign_on.signs_with = key_of("somebody else")
    assert refused() == sign_on.NOT_PROVEN


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_a_token_signed_in_another_way_is_refused(single_sign_on, refused, member, algorithm):
    member("viewer", email="ada@example.org")
    single_sign_on.algorithm = algorithm
    assert refused() == sign_on.NOT_PROVEN


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another service"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"sub": "somebody else"},
    ],
    ids=str,
)
def test_a_token_for_another_purpose_is_refused(single_sign_on, refused, member, changes):
    member("viewer", email="ada@example.org")
    single_sign_on.changes = changes
    assert refused() == sign_on.NOT_PROVEN


def test_what_the_provider_did_not_allow_is_not_completed(single_sign_on, refused, member):
    member("viewer", email="ada@example.org")
    single_sign_on.refuses = "access_denied"
    assert refused() == sign_on.NOT_COMPLETED


def test_who_gives_a_sign_in_up_stays_who_they_were(single_sign_on, sign_in, client, member):
    client.force_login(member("viewer"), "django.contrib.auth.backends.ModelBackend")
    single_sign_on.refuses = "access_denied"
    answer = sign_in()
    assert (answer.status_code, answer.context["reason"]) == (403, sign_on.NOT_COMPLETED)
    assert client.get("/admin/").status_code == 200
    assert client.session["oidc_states"] == {}


@pytest.mark.parametrize("path", ["/token", "/jwks", "/userinfo"])
def test_a_provider_that_fails_is_said_to(single_sign_on, refused, member, path):
    member("viewer", email="ada@example.org")
    single_sign_on.breaks = path
    assert refused(status=502) == sign_on.NO_ANSWER


def test_a_way_back_without_a_way_there_is_refused(client, single_sign_on, member):
    member("viewer", email="ada@example.org")
    answer = client.get(CALLBACK, {"code": "a code", "state": "guessed"})
    assert (answer.status_code, answer.context["reason"]) == (403, sign_on.NOT_STARTED_HERE)
    client.get(START)
    answer = client.get(CALLBACK, {"code": "a code", "state": "guessed"})
    assert (answer.status_code, answer.context["reason"]) == (403, sign_on.NOT_STARTED_HERE)


def test_a_way_back_is_gone_once(sign_in, client, single_sign_on, member):
    member("viewer", email="ada@example.org")
    sign_in()
    client.logout()
    query = {"code": "a code", "state": single_sign_on.granted["state"]}
    assert client.get(CALLBACK, query).status_code == 403


def test_who_is_deactivated_is_out_at_once(sign_in, client, member):
    member("viewer", email="ada@example.org")
    sign_in()
    User.objects.update(is_active=False)
    assert client.get("/admin/").status_code == 302
    assert not client.get("/admin/login/").wsgi_request.user.is_authenticated


def test_a_password_still_lets_in_and_never_asks_the_provider(client, single_sign_on, member):
    ada = member("viewer")
    single_sign_on.breaks = "/token"
    log_in = {"username": ada.username, "password": "wrong"}
    path = "/admin/login/?code=a+code&state=x"
    assert client.post(path, log_in).status_code == 200
    log_in["password"] = "correct horse battery"
    assert client.post(path, log_in).status_code == 302


def test_logging_out_leads_on_to_the_providers_log_out(sign_in, client, single_sign_on, member):
    member("viewer", email="ada@example.org")
    sign_in()
    page = client.post("/admin/logout/").content.decode()
    assert 'href="/single-sign-on/log-out/"' in page
    there = urlsplit(client.get("/single-sign-on/log-out/")["Location"])
    assert f"{there.scheme}://{there.netloc}{there.path}" == f"{single_sign_on.url}/log-out"
    assert parse_qs(there.query)["post_logout_redirect_uri"] == ["http://testserver/admin/"]
    assert client.get("/admin/").status_code == 302


def test_its_pages_keep_to_the_content_security_policy(refused, sign_in):
    answer = sign_in()
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "<style" not in answer.content.decode()
    assert "style=" not in answer.content.decode()


def test_without_configuration_there_is_no_such_address(client):
    for path in (START, CALLBACK, "/single-sign-on/log-out/"):
        with pytest.raises(Resolver404):
            resolve(path)
    assert "ingle sign-on" not in client.get("/admin/login/").content.decode()


def settings_with(**environment):
    with mock.patch.dict(os.environ, environment), mock.patch("environ.Env.read_env"):
        return runpy.run_path(str(SETTINGS))


def test_the_environment_configures_it():
    with OpenIdProvider() as provider:
        given = provider.settings()
    read = settings_with(**given)
    assert {name: read[name] for name in given} == given
    assert "npq_portal.staff.single_sign_on.SignOnBackend" in read["AUTHENTICATION_BACKENDS"]
    assert len(settings_with()["AUTHENTICATION_BACKENDS"]) == 2


def test_a_configuration_with_a_gap_says_what_to_set():
    with pytest.raises(ImproperlyConfigured, match="OIDC_RP_CLIENT_SECRET is not set"):
        settings_with(OIDC_RP_CLIENT_ID="npq-portal")
