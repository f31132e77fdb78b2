"""Real input: a registration service's file, then hundreds of whole courses over HTTP."""

from datetime import timedelta
from io import StringIO

import httpx
import pytest
from django.core.management import call_command
from django.core.servers.basehttp import WSGIRequestHandler
from django.utils import timezone

from declarations.models import Declaration, Statement
from npq_portal.back_office.integrity import findings
from npq_portal.clock import london_day
from participants.models import Application
from tests.registration_service import as_csv, exported_rows

PROVIDERS = ["North Teaching School", "South Teaching School"]
WITHOUT_OUTCOMES = {"npq-additional-support-offer", "npq-early-headship-coaching-offer"}
WALKED = 500
AFTER_EVERY_START = "2022-06-{day:02}T09:30:00+01:00"


class Provider:
    """A lead provider's client, which knows what each answer must be."""

    def __init__(self, url, token):
        headers = {"Authorization": f"Bearer {token}"}
        self.http = httpx.Client(
            base_url=f"{url}/api/v1", headers=headers, timeout=60, trust_env=False
        )

    def send(self, method, path, /, expected=200, **attributes):
        body = {"data": {"attributes": attributes}}
        answer = self.http.request(method, path, json=body)
        assert answer.status_code == expected, (method, path, attributes, answer.text)
        return answer.json()

    def declare(self, person, course, kind, day, **more):
        return self.send(
            "POST",
            "/participant-declarations",
            participant_id=person,
            course_identifier=course,
            declaration_type=kind,
            declaration_date=AFTER_EVERY_START.format(day=day),
            **more,
        )["data"]

    def all_of(self, path):
        records, url = [], path
        while url:
            answer = self.http.get(url)
            records += answer.json()["data"]
            url = answer.links.get("next", {}).get("url")
        return records


@pytest.fixture
def prompt(monkeypatch):
    """Let the test server not wait with a body until its head, sent apart, has arrived."""
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)


@pytest.fixture
def providers(prompt, live_server, tmp_path):
    call_command("load_reference_data", stderr=StringIO())
    found = []
    for name in PROVIDERS:
        call_command("create_lead_provider", name, stdout=StringIO())
        token = StringIO()
        call_command("create_api_token", name, stdout=token, stderr=StringIO())
        found.append(Provider(live_server.url, token.getvalue().strip()))
    file = tmp_path / "applications.csv"
    file.write_text(as_csv(exported_rows(5000, PROVIDERS)), encoding="utf-8")
    call_command("import_applications", str(file), stdout=StringIO())
    yield found
    for provider in found:
        provider.http.close()


def walk(provider, application, number):
    """Take one application to the end of its course, each seventh person on a detour."""
    person = application["attributes"]["participant_id"]
    course = application["attributes"]["course_identifier"]
    here = f"/participants/npq/{person}"
    if application["attributes"]["status"] == "pending":
        # Whoever is accepted now has a schedule that started long ago.
        provider.send("POST", f"/npq-applications/{application['id']}/accept")
    started = provider.declare(person, course, "started", 2)
    assert provider.declare(person, course, "started", 2) == started
    detour = number % 7
    if detour == 1:
        provider.send("PUT", f"{here}/defer", course_identifier=course, reason="career-break")
        provider.send("PUT", f"{here}/resume", course_identifier=course)
    if detour == 2:
        provider.send("PUT", f"/participant-declarations/{started['id']}/void")
        provider.declare(person, course, "started", 3)
    provider.declare(person, course, "retained-1", 4)
    if detour == 3:
        provider.send("PUT", f"{here}/withdraw", course_identifier=course, reason="other")
        provider.send("PUT", f"{here}/resume", expected=422, course_identifier=course)
        return
    if course in WITHOUT_OUTCOMES:
        provider.declare(person, course, "completed", 6)
        return
    completed = provider.declare(person, course, "completed", 6, has_passed=detour != 4)
    if detour == 4:
        corrected = {
            "course_identifier": course,
            "state": "passed",
            "completion_date": "2022-06-07",
        }
        provider.send("POST", f"{here}/outcomes", **corrected)
    if detour == 5:
        provider.send("PUT", f"/participant-declarations/{completed['id']}/void")


@pytest.mark.django_db(transaction=True)
def test_five_thousand_applications_come_in_and_five_hundred_courses_are_walked(providers):
    assert Application.objects.count() == 5000
    walked = 0
    for provider in providers:
        for application in provider.all_of("/npq-applications?page[per_page]=3000")[: WALKED // 2]:
            walk(provider, application, walked)
            walked += 1
    assert walked == WALKED
    assert list(findings()) == []

    pay()
    states = set(Declaration.objects.values_list("state", flat=True))
    assert states == {"paid", "submitted", "voided"}
    for provider in providers:
        listed = provider.all_of("/participant-declarations?page[per_page]=700")
        assert len(listed) == len({it["id"] for it in listed})
    assert list(findings()) == []


def pay():
    """Open a statement for what waits, close it and pay it, as operators do."""
    deadline = london_day(timezone.now()) + timedelta(days=7)
    quiet = {"stdout": StringIO(), "stderr": StringIO()}
    call_command(
        "open_statement",
        *("--cohort", "2021", "--period", "The next", "--deadline", str(deadline)),
        *("--payment", str(deadline)),
        **quiet,
    )
    call_command("make_payable", "--as-of", str(deadline + timedelta(days=1)), "--yes", **quiet)
    for statement in Statement.objects.filter(state="payable"):
        call_command("mark_paid", "--statement", str(statement.pk), **quiet)
