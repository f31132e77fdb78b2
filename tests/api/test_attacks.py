"""What an attacker would send, wherever something can be sent (docs/threat-model.md)."""

import csv
import json
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from npq_portal.back_office.models import ProviderRequest
from npq_portal.providers.models import ApiToken
from participants.models import Application, Participant
from tests.api.conftest import ATTRIBUTES
from tests.api.places import OPERATIONS, USUAL
from tests.api.routes import READING_A_BODY, named
from tests.api.test_refusals import refused

INJECTIONS = (
    "' OR '1'='1",
    "'; DROP TABLE participants_participant; --",
    "1) UNION SELECT secret_hash FROM providers_apitoken --",
    "%' ESCAPE '\\",
    "$1 :name %s %(name)s",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% debug %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "{0.__class__.__mro__}",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "; id | `id` $(id)",
    "*)(uid=*))(|(uid=*",
    "\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "\x00",
    "\x1b]0;title\x07",
    "\u202e\u2066\ufeff\u0000",
    "\ud800",
    "ﬀİı\u0301" * 20,
    "=cmd|' /C calc'!A0",
    "A" * 100_000,
    "9" * 5_000,
    "-0",
    "1e400",
    "NaN",
)


def pictures():
    labels = ("participants", "declarations", "outcomes", "providers", "schedules")
    models = [model for label in labels for model in apps.get_app_config(label).get_models()]
    return {model: sorted(map(repr, model._default_manager.values())) for model in models}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nothing_is_run_wherever_it_is_put(call, records, operation):
    call("GET", "/statements")  # the last use of the token is noted
    before = pictures()
    for place in OPERATIONS[operation]:
        kind = place.path.removeprefix("/api/v1/").split("/")[0]
        own = records.get(kind, uuid4())
        for text in INJECTIONS:
            body = place.body(text, participant_id=str(records["participants"]))
            with CaptureQueriesContext(connection) as queries:
                answer = call(place.method, place.url(text, own), body=body)
            assert answer.status_code in {200, 400, 404, 422}, (place, text)
            assert answer["Content-Type"].split(";")[0] in {"application/vnd.api+json", "text/csv"}
            assert len(answer.getvalue()) < 200_000
            assert "Set-Cookie" not in answer
            assert len(queries) < 30
    assert pictures() == before


CHANGES = {
    "withdraw": ("training_status", "withdrawn_at", "withdrawal_reason"),
    "defer": ("training_status", "deferred_at", "deferral_reason"),
    "change_schedule": ("schedule_id", "cohort_id"),
}
"""What of an application an action may change."""


@pytest.mark.parametrize(**named(READING_A_BODY))
def test_attributes_that_are_not_asked_for_are_never_written(call, records, provider, route):
    """A body that names every column there is: what it may change is what its endpoint changes."""
    columns = {
        field.name
        for label in ("participants", "declarations", "outcomes", "providers")
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
        if hasattr(field, "column")
    }
    columns |= {f"{each}_id" for each in columns} | {"pk", "_state", "__class__", "by", "at"}
    asked = set(USUAL)
    forged = dict.fromkeys(columns - asked, "forged") | {"state": "passed"}
    usual = ATTRIBUTES | {"participant_id": str(records["participants"])}
    path = route.of(records.get(route.collection, ""))
    person = Participant.objects.values().get()
    application = Application.objects.values().get()
    answer = call(route.method, path, forged | usual)
    assert answer.status_code in {200, 422}
    assert "forged" not in answer.content.decode()
    may_change = {"updated_at", *CHANGES.get(route.action, ())}
    after = Application.objects.values().get()
    assert set(dict(after.items() - application.items())) <= may_change
    assert Participant.objects.values().get() | {"updated_at": 0} == person | {"updated_at": 0}
    everything = "".join(
        repr(list(model._default_manager.values()))
        for label in ("participants", "declarations", "outcomes", "providers")
        for model in apps.get_app_config(label).get_models()
    )
    assert "forged" not in everything


NESTED = (
    b"[" * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"data":' * 100_000,
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    b'{"data": {"attributes": {"reason": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}}",
)
NUMBERS = ("9" * 4_000, "9" * 500_000, "-" + "9" * 5_000, "1e999999999", "0." + "1" * 100_000)


@pytest.mark.parametrize(**named(READING_A_BODY))
def test_deep_documents_and_huge_numbers_are_refused_like_any_other(call, records, route):
    path = route.of(records.get(route.collection, ""))
    for body in NESTED:
        assert refused(call(route.method, path, body=body), 400)
    for number in NUMBERS:
        attributes = json.dumps(dict.fromkeys(USUAL, "N")).replace('"N"', number)
        body = f'{{"data": {{"attributes": {attributes}}}}}'.encode()
        status = 413 if len(body) > 1_000_000 else 422
        assert refused(call(route.method, path, body=body), status)


def test_of_a_name_that_is_given_twice_the_last_counts(call, records):
    """A proxy that reads bodies might take the first."""
    person = records["participants"]
    twice = (
        '{"data": {"attributes": {"course_identifier": "npq-headship", "reason": "other",'
        ' "reason": "forged"}}}'
    )
    answer = call("PUT", f"/participants/npq/{person}/withdraw", body=twice.encode())
    assert refused(answer, 422)
    assert [it["title"] for it in answer.json()["errors"]] == ["reason"]


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get"])
def test_a_method_is_never_another_one(call, records, method):
    headers = {
        "x-http-method-override": "PUT",
        "x-method-override": "PUT",
        "x-original-url": "/admin/",
        "x-rewrite-url": "/admin/",
    }
    path = f"/participant-declarations/{records['participant-declarations']}/void"
    assert refused(call(method, path, **headers), 405)
    assert call("GET", "/statements?_method=PUT", **headers).status_code == 200


def test_a_token_counts_in_the_header_alone(call, provider):
    secret = provider[1]
    for path in (f"/statements?access_token={secret}", f"/statements?token={secret}"):
        assert refused(call("GET", path, token=None), 401)
    call_with_cookie = call("GET", "/statements", token=None, cookie=f"token={secret}")
    assert refused(call_with_cookie, 401)
    for header in (f"Basic {secret}", f"Token {secret}", secret, f"Bearer {secret}, Bearer x"):
        assert refused(call("GET", "/statements", token=None, authorization=header), 401)


def test_tokens_are_looked_up_by_their_hash(call, provider):
    with CaptureQueriesContext(connection) as queries:
        assert call("GET", "/statements").status_code == 200
    asked = " ".join(each["sql"] for each in queries)
    assert ApiToken.hash_of(provider[1]) in asked
    assert provider[1] not in asked


def test_ids_of_what_is_new_cannot_be_guessed_from_the_last(call, declare, application):
    call("POST", f"/npq-applications/{application.pk}/accept")
    ids = [
        declare(kind, declaration_date="2022-01-15T09:00:00Z").json()["data"]["id"]
        for kind in ("started", "retained-1")
    ]
    # The first half is when and a count; of the second, 62 bits are random.
    first, second = (each.replace("-", "")[17:] for each in ids)
    assert sum(a != b for a, b in zip(first, second, strict=True)) > 5


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_list_is_run_by_a_spreadsheet(call, application, start):
    text = f"{start}HYPERLINK(1)"
    Application.objects.update(employer_name=text, employment_role=text)
    Participant.objects.update(full_name=text, email=text)
    lines = call("GET", "/npq-applications.csv").getvalue().decode()
    cells = [each for row in csv.reader(lines.splitlines(keepends=True)) for each in row]
    assert cells.count(f"'{text}") == 4
    assert not any(each.startswith(start) for each in cells)


def test_what_is_kept_of_an_attack_is_kept_as_it_was_without_nul(call, records):
    call("POST", "/participant-declarations", body=b"\x00<script>\x00")
    assert ProviderRequest.objects.latest("id").body == "<script>"
