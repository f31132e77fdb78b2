"""Which requests of providers are kept, and what of them (rules 13.5)."""

import json
from uuid import UUID

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from npq_portal.api.chunked_bodies import MAX_BYTES
from npq_portal.back_office import journal
from npq_portal.back_office.models import ProviderRequest
from npq_portal.history import Actor
from npq_portal.prepared import Prepared
from npq_portal.providers.models import ApiToken
from npq_portal.providers.services import revoke_api_token
from participants.models import Participant
from tests.api.conftest import ATTRIBUTES, LONG_AGO, NOW, V1, provider_with_token
from tests.api.routes import ROUTES, named

WRITING = [it for it in ROUTES if it.method != "GET"]
UNKNOWN = UUID("00000000-0000-4000-8000-000000000000")
DECLARATIONS = "/participant-declarations"


def kept():
    """Return the one row that there is."""
    return ProviderRequest.objects.get()


def everything_in(row):
    return json.dumps(ProviderRequest.objects.filter(pk=row.pk).values().get(), default=str)


@pytest.mark.parametrize(**named(WRITING))
def test_a_write_to_any_route_is_kept(call, provider, route):
    path = route.of(UNKNOWN)
    answer = call(route.method, path, ATTRIBUTES)
    row = kept()
    assert (row.method, row.path, row.status) == (route.method, V1 + path, answer.status_code)
    assert (row.lead_provider, row.token) == (provider[0], ApiToken.objects.get())
    assert (row.at, row.request_id) == (NOW, answer["X-Request-ID"])
    assert json.loads(row.body) == {"data": {"attributes": ATTRIBUTES}}
    assert row.answer == answer.content.decode()
    assert [row.body_is_cut, row.answer_is_cut] == [False, False]


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("POST", DECLARATIONS, {"body": b"{"}, 400),
        ("POST", DECLARATIONS, {"host": "elsewhere.example", "body": b"{"}, 400),
        ("PUT", f"{DECLARATIONS}/{UNKNOWN}/void", {"body": b"{"}, 404),
        ("PATCH", "/nothing", {"body": b"{"}, 404),
        ("DELETE", DECLARATIONS, {"body": b"{"}, 405),
        ("POST", DECLARATIONS, {"accept": "text/html", "body": b"{"}, 406),
        ("POST", DECLARATIONS, {"body": b"{".ljust(MAX_BYTES + 1)}, 413),
        ("POST", DECLARATIONS, {"content_type": "text/plain", "body": b"{"}, 415),
        ("POST", DECLARATIONS, {"attributes": {}}, 422),
    ],
)
def test_every_refusal_is_kept_with_its_body_read_or_not(call, method, path, more, status):
    answer = call(method, path, **more)
    row = kept()
    assert answer.status_code == row.status == status
    assert row.answer == answer.content.decode()
    assert row.body.startswith("{")
    assert row.body_is_cut == (status == 413)


def test_what_succeeds_is_kept_and_so_is_its_exact_copy(call, application, declare):
    call("POST", f"/npq-applications/{application.pk}/accept", body=b"ignored")
    answers = [declare("started"), declare("started")]
    assert answers[0].content == answers[1].content
    rows = ProviderRequest.objects.all()
    assert [it.status for it in rows] == [200] * 3
    assert rows[0].body == "ignored"
    assert rows[1].answer == rows[2].answer == answers[0].content.decode()


def test_a_request_that_fails_is_kept(call, client, monkeypatch):
    client.raise_request_exception = False

    def fail(*_arguments, **_more):
        raise RuntimeError

    monkeypatch.setattr("npq_portal.api.views.ApiViewSet.provider", property(fail))
    call("POST", DECLARATIONS, ATTRIBUTES)
    assert kept().status == 500


def test_a_request_that_finds_the_database_busy_is_kept_when_it_is_not_any_more(call, monkeypatch):
    def fail(*_arguments, **_more):
        raise OperationalError

    monkeypatch.setattr("npq_portal.api.views.ApiViewSet.provider", property(fail))
    call("POST", DECLARATIONS, ATTRIBUTES)
    assert kept().status == 503


def test_an_answer_goes_out_though_it_cannot_be_kept(call, application, monkeypatch, caplog):
    def fail(row, **_how):
        raise OperationalError(f"Failing row contains {row.body}")

    monkeypatch.setattr(journal, "insert", fail)
    answer = call("POST", f"/npq-applications/{application.pk}/accept", body=b"Ada Lovelace")
    assert answer.status_code == 200
    (record,) = [it for it in caplog.records if it.name == "npq_portal.back_office.journal"]
    assert record.getMessage() == "A request was not kept in the journal: OperationalError."
    assert record.exc_info is None


def test_a_database_that_did_not_say_who_asks_is_not_asked_again(call, monkeypatch):
    asked = []

    def fail(*_arguments, **_more):
        asked.append(1)
        raise OperationalError

    monkeypatch.setattr(Prepared, "row", fail)
    assert call("POST", DECLARATIONS, ATTRIBUTES).status_code == 503
    assert len(asked) == 1


def test_a_client_that_leaves_amid_its_body_is_kept(call, client):
    client.raise_request_exception = False
    send = client.handler

    class Broken:
        def read(self, _size=-1):
            raise ConnectionResetError

        readline = read

    client.handler = lambda environ: send(environ | {"wsgi.input": Broken()})
    assert call("POST", DECLARATIONS, ATTRIBUTES).status_code == 500
    assert (kept().status, kept().body) == (500, "")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE"])
def test_what_writes_nothing_is_not_kept(call, method):
    for path in (DECLARATIONS, "/nothing"):
        call(method, path)
    assert not ProviderRequest.objects.exists()


def test_who_has_no_usable_token_is_not_kept(call):
    revoke_api_token(token_id=ApiToken.objects.get().pk, by=Actor(command="test"), at=NOW)
    for path in (DECLARATIONS, "/nothing"):
        call("POST", path, ATTRIBUTES)
        call("POST", path, ATTRIBUTES, token=None)
        call("POST", path, ATTRIBUTES, token="npq_wrong")
    assert not ProviderRequest.objects.exists()


def test_what_is_beside_the_api_is_not_kept(client, provider):
    client.post("/api/docs/", headers={"authorization": f"Bearer {provider[1]}"})
    assert not ProviderRequest.objects.exists()


def test_no_token_is_kept_wherever_it_is_sent(call, provider):
    secret = provider[1]
    call(
        "POST",
        f"{DECLARATIONS}?token={secret}",
        {"token": secret, "course_identifier": "npq-headship", "reason": f"[{secret}]"},
        **{"x-request-id": secret},
    )
    row = kept()
    assert secret.removeprefix("npq_") not in everything_in(row)
    assert row.path == f"{V1}{DECLARATIONS}?token=npq_***"
    assert len(row.request_id) == 36  # another was given instead
    assert json.loads(row.body)["data"]["attributes"]["reason"] == "[npq_***]"


def test_a_token_at_the_cut_is_not_kept_either(call, provider):
    secret = provider[1]
    for length in (20, 30, len(secret)):
        ProviderRequest.objects.all().delete()
        call("POST", DECLARATIONS, body=b"." * (10_000 - length) + secret.encode())
        assert secret[:24] not in kept().body


@pytest.mark.parametrize(
    ("body", "text", "is_cut"),
    [
        ("a" * 10_000, "a" * 10_000, False),
        ("a" * 10_001, "a" * 10_000, True),
        ("é" * 5_000, "é" * 5_000, False),
        ("a" + "é" * 5_000, "a" + "é" * 4_999, True),
        ("a" * 9_998 + "€", "a" * 9_998, True),
        ("a" * 9_997 + "😀", "a" * 9_997, True),
        ("a" * 9_998 + "😀", "a" * 9_998, True),
        ("\0" * 9 + "a" * 9_990 + "😀", "a" * 9_990, True),
        ("\0a\0", "a", False),
        (b"a\xffb", "a\N{REPLACEMENT CHARACTER}b", False),
        (b"a\xe2\x82", "a\N{REPLACEMENT CHARACTER}", False),
        (b"\xff" * 10_000, "\N{REPLACEMENT CHARACTER}" * 3_333, True),
    ],
)
def test_bodies_are_cut_at_ten_thousand_bytes_between_characters(call, body, text, is_cut):
    call("POST", DECLARATIONS, body=body)
    assert (kept().body, kept().body_is_cut) == (text, is_cut)


def test_answers_are_cut_too(call, monkeypatch):
    monkeypatch.setattr("npq_portal.api.exceptions.NOT_FOUND", "é" * 10_000)
    answer = call("POST", "/nothing")
    row = kept()
    assert row.answer_is_cut
    assert len(row.answer.encode()) == 10_000
    assert answer.content.decode().startswith(row.answer)


def test_a_long_path_is_cut(call):
    path = f"{DECLARATIONS}?{'a' * 3_000}"
    call("POST", path)
    assert kept().path == (V1 + path)[:2_000]


@pytest.mark.parametrize(**named([it for it in WRITING if it.takes_id]))
@pytest.mark.parametrize("spelling", [str.lower, str.upper])
def test_a_path_links_to_the_participant_whatever_provider_they_are_with(
    call, records, application, route, spelling
):
    _, stranger = provider_with_token("South Teaching School")
    ProviderRequest.objects.all().delete()
    path = route.of(spelling(str(records[route.collection])))
    assert call(route.method, path, ATTRIBUTES, token=stranger).status_code == 404
    row = kept()
    assert row.participant == application.participant
    assert row.lead_provider.name == "South Teaching School"
    assert list(ProviderRequest.objects.filter(participant=application.participant)) == [row]


@pytest.mark.parametrize(
    "body",
    [
        '{{"data": {{"attributes": {{"participant_id": "{id}"}}}}}}',
        '{{"participant_id" :\n"{id}"',
        '{{"participant_id": "{id}", "a": "{much}"}}',
    ],
)
def test_a_body_links_to_the_participant_it_names_even_when_it_cannot_be_read(
    call, application, body
):
    _, stranger = provider_with_token("South Teaching School")
    text = body.format(id=str(application.participant_id).upper(), much="a" * 20_000)
    call("POST", DECLARATIONS, body=text, token=stranger)
    assert kept().participant == application.participant


def declaring(application, other, form):
    """Return a body that declares for an application's participant and names another as well."""
    attributes = {
        "participant_id": str(application.participant_id),
        "declaration_type": "started",
        "declaration_date": "2022-01-15T09:00:00Z",
        "course_identifier": "npq-headship",
    }
    named = json.dumps({"participant_id": str(other.pk)})
    return form % {
        "named": named,
        "first": named[1:-1],
        "attributes": json.dumps(attributes),
        "more": json.dumps(attributes)[1:],
        "much": "a" * 20_000,
    }


@pytest.fixture
def other(provider):
    return Participant.objects.create(
        full_name="Ada Lovelace", email="ada@example.org", created_at=LONG_AGO, updated_at=LONG_AGO
    )


NAMING_ANOTHER = {
    "beside the attributes": '{"data": {"meta": %(named)s, "attributes": %(attributes)s}}',
    "twice": '{"data": {"attributes": {%(first)s, %(more)s}}',
    "before the data": '{%(first)s, "data": {"attributes": %(attributes)s}}',
    "in attributes that count no more": (
        '{"data": {"attributes": %(named)s, "attributes": %(attributes)s}}'
    ),
    "in a text": r"""{"a": "\"participant_id\":", "data": {"attributes": %(attributes)s}}""",
    "in a body that is cut": (
        '{"meta": %(named)s, "a": "%(much)s", "data": {"attributes": %(attributes)s}}'
    ),
}


@pytest.mark.parametrize("form", NAMING_ANOTHER.values(), ids=NAMING_ANOTHER)
@pytest.mark.parametrize("status", [200, 422])
def test_a_body_links_to_the_participant_for_whom_it_declares_and_to_no_other(
    call, application, other, form, status
):
    if status == 200:
        call("POST", f"/npq-applications/{application.pk}/accept")
        ProviderRequest.objects.all().delete()
    answer = call("POST", DECLARATIONS, body=declaring(application, other, form))
    assert answer.status_code == kept().status == status
    told = kept().participant
    assert told == application.participant or (status == 422 and kept().body_is_cut)


def test_an_exact_copy_links_as_the_first_does(call, application, other):
    call("POST", f"/npq-applications/{application.pk}/accept")
    body = declaring(application, other, NAMING_ANOTHER["in a body that is cut"])
    for _ in range(2):
        ProviderRequest.objects.all().delete()
        call("POST", DECLARATIONS, body=body)
        assert kept().participant == application.participant


def test_an_id_elsewhere_in_a_body_that_can_be_read_names_nobody(call, other):
    call("POST", DECLARATIONS, body=json.dumps({"data": {"participant_id": str(other.pk)}}))
    assert kept().participant is None


def test_the_path_says_whom_a_request_is_about_before_the_body_does(call, application, other):
    call(
        "POST",
        f"/participants/npq/{application.participant_id}/outcomes",
        {"participant_id": str(other.pk)},
    )
    assert kept().participant == application.participant


def test_a_request_that_names_nobody_known_is_found_with_the_provider(call, provider):
    for path in (DECLARATIONS, f"/participants/npq/{UNKNOWN}/withdraw", "/participants/npq/x/y"):
        for participant_id in (str(UNKNOWN), "x", None, 1):
            call("PUT", path, {"participant_id": participant_id})
    rows = ProviderRequest.objects.filter(lead_provider=provider[0], participant=None)
    assert rows.count() == rows.filter(status__gte=400).count() == 12


def test_a_read_costs_no_query_and_a_write_at_most_two(call, application):
    def queries(method, path, *attributes):
        with CaptureQueriesContext(connection) as captured:
            call(method, path, *attributes)
        return [it["sql"] for it in captured]

    call("GET", DECLARATIONS)  # notes the first use of the token
    assert len(queries("GET", DECLARATIONS)) == 2  # the token, the rows
    assert len(queries("DELETE", DECLARATIONS)) == 2  # the token, the journal
    assert len(queries("DELETE", "/nothing")) == 2
    assert queries("DELETE", "/nothing", {"participant_id": "x"})[1].startswith("INSERT")
    named = {"participant_id": str(application.participant_id)}
    assert len(queries("DELETE", DECLARATIONS, named)) == 3
    assert len(queries("DELETE", f"/npq-applications/{application.pk}", named)) == 3
    assert len(queries("DELETE", f"{DECLARATIONS}/{UNKNOWN}", named)) == 3
