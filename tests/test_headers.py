"""What every answer asks of browsers and caches, over every kind of answer (rules 18.5)."""

import re

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from tests.admin.test_access import addresses, named
from tests.admin.test_pages import make
from tests.api.routes import ROUTES

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self';"
        " base-uri 'none'; object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), fullscreen=(),"
        " geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(),"
        " usb=()"
    ),
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
KINDS = {
    "a page": ("/admin/login/", 200),
    "a page for others": ("/admin/", 302),
    "no page": ("/admin/nothing", 302),
    "a description": ("/api/schema/", 200),
    "a page of the description": ("/api/docs/", 200),
    "an unknown path": ("/nothing", 404),
    "an unknown path of the API": ("/api/nothing", 404),
    "no token": ("/api/v1/statements", 401),
    "not acceptable": ("/api/v1/statements?html", 406),
    "a probe": ("/health/live", 200),
    "metrics": ("/metrics", 404),
    "a static file": ("/static/admin/css/base.css", 200),
    "no static file": ("/static/nothing.css", 404),
    "the icon": ("/favicon.ico", 200),
    "a path with dots": ("/static/../../etc/passwd", 404),
    "a path with NUL": ("/%00", 404),
}


def policy(header):
    return sorted(part.strip() for part in header.split(";"))


def check(answer):
    answer.getvalue()  # or the file of a static one stays open
    assert policy(answer["Content-Security-Policy"]) == policy(HEADERS["Content-Security-Policy"])
    assert "unsafe" not in answer["Content-Security-Policy"]
    told = {name: answer.headers.get(name) for name in HEADERS}
    assert told == HEADERS | {"Content-Security-Policy": told["Content-Security-Policy"]}
    assert answer["X-Request-ID"]


@pytest.fixture
def production(settings):
    """Set what the settings are without DEBUG and ALLOW_HTTP."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True


@pytest.fixture
def visitor(production, db):
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_has_every_header(visitor, kind):
    path, status = KINDS[kind]
    accept = "text/html" if path.endswith("?html") else "*/*"
    answer = visitor.get(path, secure=True, headers={"accept": accept})
    assert answer.status_code == status
    check(answer)


def test_so_has_what_is_refused_before_a_view_is_asked(visitor):
    refused = visitor.get("/admin/", secure=True, headers={"host": "elsewhere.example"})
    assert refused.status_code == 400
    check(refused)
    check(visitor.post("/nothing", b"x" * 10, content_type="text/plain", secure=True))


def test_so_has_what_fails(visitor, monkeypatch):
    monkeypatch.setattr("npq_portal.health.connection", None)
    failed = visitor.get("/health/ready", secure=True)
    assert failed.status_code == 500
    check(failed)


def test_plain_http_is_led_to_https_and_told_no_more(visitor):
    answer = visitor.get("/admin/login/?next=/admin/")
    assert (answer.status_code, answer["Location"]) == (
        301,
        "https://testserver/admin/login/?next=/admin/",
    )
    assert "Strict-Transport-Security" not in answer  # browsers heed it over HTTPS alone
    assert answer["X-Content-Type-Options"] == "nosniff"
    refused = visitor.get("/admin/", headers={"host": "elsewhere.example"})
    assert (refused.status_code, refused["X-Frame-Options"]) == (400, "DENY")


def test_every_route_of_the_api_has_every_header(visitor):
    for route in ROUTES:
        check(visitor.generic(route.method, f"/api/v1{route.of('x')}", secure=True))


def test_every_page_of_the_back_office_has_every_header(
    production, single_sign_on, member, admin_client
):
    make(1)
    member("viewer")
    for name in sorted(set(named(get_resolver())) - {"schema", "docs", "admin:logout"}):
        for address in addresses(name).values():
            for send in (admin_client.get, admin_client.post):
                check(send(address, secure=True))
    check(admin_client.post(reverse("admin:logout"), secure=True))


def test_no_page_has_styles_or_scripts_of_its_own(single_sign_on, member, admin_client):
    """The policy would keep browsers from them, so the page would be broken."""
    make(1)
    member("viewer")
    for name in sorted(set(named(get_resolver())) - {"admin:logout"}):
        for address in addresses(name).values() if name not in {"schema", "docs"} else ():
            answer = admin_client.get(address)
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                page = answer.content.decode()
                assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", page), address
                for script in re.findall(r"<script[^>]*>", page):
                    assert " src=" in script or "application/json" in script, address


def test_only_static_files_may_be_kept_by_caches(visitor):
    for path, _status in KINDS.values():
        answer = visitor.get(path, secure=True)
        answer.getvalue()
        is_file = path in {"/favicon.ico", "/static/admin/css/base.css"}
        assert ("no-store" in answer["Cache-Control"]) != is_file, path


def test_cookies_are_for_https_and_this_site_and_out_of_reach_of_scripts(visitor, member):
    person = member("viewer")
    page = visitor.get("/admin/login/", secure=True)
    values = {"username": person.username, "password": "correct horse battery"}
    answer = visitor.post("/admin/login/?next=/admin/", values, secure=True)
    assert answer.status_code == 302
    for cookie in (page.cookies["csrftoken"], answer.cookies["sessionid"]):
        assert cookie["secure"] is cookie["httponly"] is True
        assert cookie["samesite"] == "Lax"
        assert cookie["domain"] == ""
    assert answer.cookies["sessionid"]["max-age"] == ""  # gone with the browser


@pytest.mark.parametrize("probe", ["/health/live", "/health/ready"])
def test_a_probe_over_plain_http_is_answered(visitor, probe):
    assert visitor.get(probe).status_code == 200
