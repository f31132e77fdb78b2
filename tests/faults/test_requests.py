"""Requests whose database fails them (rules 16.1 and 16.3)."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.base import BaseHandler
from django.db import DataError, OperationalError
from django.test import Client

from declarations.models import Declaration, DeclarationEvent
from npq_portal import faults
from npq_portal.api.exceptions import BUSY
from npq_portal.back_office.integrity import findings
from npq_portal.back_office.models import CorrectionFile, ProviderRequest
from npq_portal.identifiers import new_id
from npq_portal.providers.models import LeadProvider
from tests.conftest import PASSWORD
from tests.faults.conftest import DEADLOCK, SERIALISATION, error_of, is_told_when_to_come_back

# What fails outside a transaction of the service's must not be inside one of the test's.
pytestmark = pytest.mark.django_db(transaction=True)

INSERT = 'INSERT INTO "declarations_declarationevent"'
UPLOAD = "/admin/back_office/correctionfile/add/"
ADD = "/admin/providers/leadprovider/add/"
TRANSIENT = {
    "lost": None,
    "cut by an operator": "57P01",
    "starting": "57P03",
    "over a statement's limit": "57014",
    "over a lock's limit": "55P03",
    "idle for too long": "25P03",
    "out of disk": "53100",
    "out of connections": "53300",
    "a server that only reads": "25006",
}
transient = pytest.mark.parametrize("sqlstate", TRANSIENT.values(), ids=TRANSIENT)
undone = pytest.mark.parametrize("sqlstate", [DEADLOCK, SERIALISATION])


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The longest that each pause before a retry could have been; none takes time."""
    pauses: list[float] = []
    monkeypatch.setattr(faults, "uniform", lambda _shortest, longest: longest)
    monkeypatch.setattr(faults, "sleep", pauses.append)
    return pauses


@pytest.fixture
def accepted(call, application):
    call("POST", f"/npq-applications/{application.pk}/accept")


@pytest.fixture
def staff(member):
    client = Client(raise_request_exception=False)
    client.force_login(member("administrator"), "django.contrib.auth.backends.ModelBackend")
    return client


def counts():
    return [it.objects.count() for it in (Declaration, DeclarationEvent)]


@undone
def test_what_was_rolled_back_is_tried_again_and_done_once(accepted, declare, fail, sqlstate):
    failed = fail(INSERT, sqlstate, times=3)
    answer = declare("started")
    assert (answer.status_code, len(failed), counts()) == (200, 3, [1, 1])
    assert ProviderRequest.objects.filter(path__endswith="declarations").count() == 1


@undone
def test_who_is_rolled_back_time_and_again_comes_back_later(
    accepted, declare, fail, pauses, sqlstate
):
    failed = fail(INSERT, sqlstate)
    assert is_told_when_to_come_back(answer := declare("started"))
    assert error_of(answer) == BUSY
    assert (len(failed), pauses, counts()) == (4, [0.1, 0.2, 0.4], [0, 0])


@transient
def test_any_other_fault_is_answered_at_once_and_leaves_nothing(
    accepted, declare, fail, pauses, sqlstate
):
    failed = fail(INSERT, sqlstate)
    assert is_told_when_to_come_back(answer := declare("started"))
    assert error_of(answer) == BUSY
    assert (len(failed), pauses, counts()) == (1, [], [0, 0])


def test_what_is_no_fault_of_the_database_is_no_reason_to_come_back(
    accepted, declare, client, monkeypatch
):
    def refuse(*_arguments, **_more):
        raise DataError

    monkeypatch.setattr("declarations.views.services.record_declaration", refuse)
    client.raise_request_exception = False
    assert declare("started").status_code == 500


def test_wherever_the_database_goes_away_a_declaration_is_made_and_told_or_not_made(
    accepted, declare, fail
):
    step, failed = 0, [""]
    while failed:
        step += 1
        failed = fail("", None, first=step)
        answer = declare("completed", has_passed=True)
        fail("", None, times=0)
        if failed:
            assert is_told_when_to_come_back(answer)
            assert counts() in ([0, 0], [1, 1])
    assert (answer.status_code, counts()) == (200, [1, 1])
    assert step > 15
    assert list(findings()) == []


@undone
def test_staff_do_not_notice_what_was_tried_again(staff, fail, sqlstate):
    failed = fail('INSERT INTO "providers_leadprovider"', sqlstate, times=2)
    answer = staff.post(ADD, {"name": "North"})
    assert (answer.status_code, len(failed)) == (302, 2)
    assert LeadProvider.objects.filter(name="North").count() == 1


@undone
def test_a_file_that_staff_upload_is_read_again_as_well(staff, member, fail, sqlstate):
    staff.force_login(member("caseworker"), "django.contrib.auth.backends.ModelBackend")
    file = SimpleUploadedFile("a.csv", f"declaration_id\n{new_id()}\n".encode())
    failed = fail('INSERT INTO "back_office_correctionfile', sqlstate, times=2)
    answer = staff.post(UPLOAD, {"kind": "void", "reason": "Asked for.", "file": file})
    assert (answer.status_code, len(failed)) == (302, 2)
    assert CorrectionFile.objects.get().rows.count() == 1


@pytest.mark.parametrize("path", ["/admin/", ADD, "/admin/participants/participant/"])
def test_wherever_the_database_goes_away_staff_see_a_page_that_says_so(staff, fail, caplog, path):
    step, failed = 0, [""]
    while failed:
        step += 1
        failed = fail("", None, first=step)
        answer = staff.get(path)
        if failed:
            assert is_told_when_to_come_back(answer)
            assert "<h1>Try again in a moment</h1>" in answer.content.decode()
    assert answer.status_code == 200
    assert step > 3
    assert [it for it in caplog.records if it.exc_info] == []


@pytest.mark.parametrize("path", ["/metrics", "/nowhere", "/api/docs/"])
def test_a_program_is_told_in_json_outside_the_api_too(client, path, monkeypatch):
    def fail(*_arguments, **_more):
        raise OperationalError

    monkeypatch.setattr("npq_portal.api.rate_limit.RateLimitMiddleware.__call__", fail)
    answer = Client(raise_request_exception=False).get(path)
    assert is_told_when_to_come_back(answer)
    assert error_of(answer) == BUSY


def test_wherever_the_database_goes_away_a_log_in_gets_that_page(member, fail):
    client = Client(raise_request_exception=False)
    name = member("administrator").username
    step, failed = 0, [""]
    while failed:
        step += 1
        failed = fail("", None, first=step)
        answer = client.post("/admin/login/", {"username": name, "password": PASSWORD})
        if failed:
            assert is_told_when_to_come_back(answer)
    assert answer.status_code == 302
    assert step > 5


def test_what_the_database_said_is_in_the_log_alone_and_nobodys_row_in_either(
    staff, accepted, declare, fail, caplog
):
    fail("", "57014")
    assert is_told_when_to_come_back(staff.post(ADD, {"name": "North"}))
    fail(INSERT, "57014")
    assert is_told_when_to_come_back(declare("started"))
    said = [it.getMessage() for it in caplog.records if it.getMessage().startswith("The database")]
    assert said == ["The database failed a request: what only the log may say."] * 2
    assert "row" not in caplog.text


def test_every_other_middleware_has_its_say_before_a_view_is_called():
    handler = BaseHandler()
    handler.load_middleware()
    assert isinstance(vars(handler)["_view_middleware"][-1].__self__, faults.FaultsMiddleware)


@transient
def test_the_probe_says_that_the_service_is_not_ready(client, fail, sqlstate):
    fail("SELECT 1", sqlstate)
    answer = client.get("/health/ready")
    assert is_told_when_to_come_back(answer)
    assert json.loads(answer.content) == {"status": "the database does not answer"}
