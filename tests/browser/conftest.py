"""A real Chromium, the portal with the demo's data, and a log-in for each role of staff.

The tests only read, so one server and one set of data serve all of them. What the browser's
console complains of, a breach of the content security policy for one, fails the test.
"""

import json
import os
import shutil
from io import StringIO
from typing import NamedTuple

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from outcomes.models import Notification
from outcomes.services import send_again
from participants.models import Participant
from participants.services.corrections import merge_participants
from schedules.models import Cohort, Course
from tests.browser.pages import ALL_ROLES
from tests.factories.back_office import CorrectionFactory, CorrectionFileRowFactory
from tests.factories.participants import ApplicationFactory, ParticipantFactory

# Playwright runs an event loop in the thread of the tests, where Django would refuse to query.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",  # root has none to use
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

GRAVE = {"error", "warning"}

LONG_NAME = "W" * 500
LONG_REASON = "The provider rang, and told us that it had put down the wrong funding. " * 5


class Portal(NamedTuple):
    """Where the portal is, the token of each provider, and the log-in of each role."""

    url: str
    tokens: dict[str, str]
    staff: dict[str, dict[str, str]]


def chromium():
    """Return the path of the machine's Chromium; without one no test can run."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.exit(
            "No Chromium was found: install the system's package `chromium`, or set CHROMIUM to"
            " the path of one.",
            returncode=1,
        )
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": chromium(), "args": list(ARGUMENTS)}


@pytest.fixture(scope="session")
def portal(django_test_environment, django_db_modify_db_settings, django_db_blocker):
    """The portal, served from a database of its own, which tests may read."""
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False)
        access = fill()
        server = LiveServer("localhost")
        yield Portal(server.url, access["tokens"], access["staff"])
        server.stop()
        teardown_databases(databases, verbosity=0)


def fill():
    """Make the demo's data, and what can be looked at besides; return how to get in."""
    out = StringIO()
    call_command("load_reference_data", stderr=StringIO())
    call_command("seed_demo", json=True, stdout=out)
    call_command("check_integrity", stderr=StringIO())
    access = json.loads(out.getvalue())
    bearer = f"Bearer {next(iter(access['tokens'].values()))}"
    Client().post("/api/v1/participant-declarations", headers={"Authorization": bearer})
    merge_a_duplicate()
    member = User.objects.create_user("all-roles", password="all-roles", is_staff=True)
    member.groups.set(Group.objects.all())
    send_again(
        notification_id=Notification.objects.filter(state="sent").earliest("id").pk,
        reason="It did not arrive.",
        attempts_seen=1,
        by=Actor(staff_id=member.pk),
        at=timezone.now(),
    )
    correct_with_a_file(staff=member)
    write_much(staff=member)
    access["staff"][ALL_ROLES] = {"username": "all-roles", "password": "all-roles"}
    for model_admin in admin.site._registry.values():
        # As good to look at as fifty, and looked through sooner.
        model_admin.list_per_page = 10  # type: ignore[misc]
    return access


def correct_with_a_file(staff):
    participant = Participant.objects.earliest("created_at", "id")
    correction = CorrectionFactory.create(
        participant=participant, record_id=participant.pk, staff=staff
    )
    CorrectionFileRowFactory.create(
        correction=correction,
        record_id=participant.applications.earliest("id").pk,
        file__uploaded_by=staff,
    )


def write_much(staff):
    """Make a person with as long a name as there can be, and a correction told at length."""
    now = timezone.now()
    participant = ParticipantFactory.create(
        full_name=LONG_NAME,
        teacher_reference_number="9876543",
        teacher_reference_number_validated=True,
        created_at=now,
        updated_at=now,
    )
    application = ApplicationFactory.create(
        participant=participant,
        lead_provider=LeadProvider.objects.earliest("id"),
        course=Course.objects.earliest("id"),
        cohort=Cohort.objects.earliest("id"),
        status="rejected",
        created_at=now,
        updated_at=now,
    )
    CorrectionFactory.create(
        participant=participant, record_id=application.pk, staff=staff, reason=LONG_REASON
    )


def merge_a_duplicate():
    now = timezone.now()
    merge_participants(
        from_participant_id=ParticipantFactory.create(created_at=now, updated_at=now).pk,
        into_participant_id=Participant.objects.earliest("created_at", "id").pk,
        reason="Registered twice.",
        by=Actor(staff_id=User.objects.earliest("id").pk),
        at=now,
    )


@pytest.fixture(scope="session")
def base_url(portal):
    """What Playwright puts before a path."""
    return portal.url


@pytest.fixture(scope="session")
def sessions(browser, base_url, portal):
    """What the browser keeps of each role once it has logged in."""
    kept = {}
    for role, log_in in portal.staff.items():
        with browser.new_context(base_url=base_url) as context:
            fill_log_in(context.new_page(), **log_in)
            kept[role] = context.storage_state()
    return kept


def fill_log_in(page, username, password):
    """Log in at the log-in page, as everybody does."""
    page.goto("/admin/login/?next=/admin/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("/admin/")


@pytest.fixture
def browse(new_context, sessions):
    """Open a window as somebody in a role, or as nobody; its console has to stay empty."""
    complaints: list[str] = []

    def hear(said):
        if said.type in GRAVE and not is_of_the_page_itself(said):
            complaints.append(said.text)

    def opened(role=None, **window):
        context = new_context(storage_state=sessions[role] if role else None, **window)
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    assert complaints == []


def is_of_the_page_itself(said):
    """Return whether a complaint is that the page was answered with an error."""
    return said.text.startswith("Failed to load resource") and said.location["url"] == said.page.url


def pytest_terminal_summary(terminalreporter):
    """Name the screenshots of what failed."""
    for report in terminalreporter.getreports(""):
        for name, path in report.user_properties:
            if name == "playwright_screenshot":
                terminalreporter.line(f"{report.nodeid}: see {path}")
