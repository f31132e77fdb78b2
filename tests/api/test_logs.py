"""What is logged of a request, and what is not (rules 3.12, 15.5, 18.1 to 18.3)."""

import io
import json
import logging

import pytest
from django.db import IntegrityError, OperationalError, connection

from npq_portal.api.watching import AnswerCutOff
from npq_portal.logs import json_formatter
from participants.models import Participant
from tests.api.conftest import ATTRIBUTES, V1
from tests.api.routes import ROUTES, named

SECRET = "npq_" + "a" * 43
PERSON = ("Siân", "Dálaigh", "sian@example.org", "1234567")
FORGERIES = (
    '\n{"event": "forged"}',
    "\r\nforged",
    "\x1b[2J\x1b[31mforged",
    "\x85\x9b31m\u2028\u2029\u202eforged",
    '", "event": "forged',
)


@pytest.fixture
def written():
    """Return what is written to the log, as production writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(json_formatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def logged(written):
    """Return a function that returns the lines since it was asked last."""

    def lines():
        text = written.getvalue()
        written.seek(0)
        written.truncate()
        assert text.isascii()
        assert not any(character < " " for character in text.replace("\n", ""))
        return [json.loads(line) for line in text.splitlines()]

    return lines


def of_requests(lines):
    return [it for it in lines if it["event"] == "request"]


@pytest.mark.parametrize(**named(ROUTES))
def test_every_request_is_one_line_that_says_what_is_to_be_known(
    call, provider, records, logged, route
):
    logged()
    identifier = records.get(route.collection, "")
    answer = call(route.method, route.of(identifier) + "?email=ada@example.org", ATTRIBUTES)
    answer.getvalue()
    (line,) = logged()
    assert line == line | {
        "event": "request",
        "request_id": answer["X-Request-ID"],
        "method": route.method,
        "status": answer.status_code,
        "provider": str(provider[0].pk),
        "address": "127.0.0.1",
        "user_agent": "",
    }
    assert line["duration_ms"] > 0
    assert line["queries"] > 0
    assert line["route"].startswith("/api/v1/")
    assert ("<" in line["route"]) == route.takes_id
    assert not any(text in json.dumps(line) for text in (str(identifier) or "?", "?", "@"))


def test_queries_of_a_list_that_is_streamed_are_counted_to_its_end(call, records, logged):
    answer = call("GET", "/npq-applications.csv")
    logged()
    before = list(answer)
    (line,) = logged()
    assert b"".join(before).count(b"\r\n") == 2
    assert line["queries"] > 1


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        (f"{V1}/nothing/{SECRET}", "/api/", 404),
        (f"/{SECRET}/ada@example.org", None, 404),
        ("/static/admin/css/base.css", "/static/<path>", 200),
        (f"/static/{SECRET}", "/static/<path>", 404),
        ("/health/live", "/health/live", 200),
        ("/admin/participants/participant/?q=ada", "/admin/participants/participant/", 302),
    ],
)
def test_a_path_is_told_of_by_its_pattern(client, db, logged, path, route, status):
    list(client.get(path))
    (line,) = of_requests(logged())
    assert (line["route"], line["status"], line["provider"]) == (route, status, None)
    assert "ada" not in json.dumps(line)


def test_the_address_is_logged_that_is_believed(client, db, logged, settings):
    forged = {"x-forwarded-for": "192.0.2.1, 198.51.100.7", "x-real-ip": "192.0.2.2"}
    for behind_proxy, address in ((False, "10.0.0.3"), (True, "198.51.100.7")):
        settings.BEHIND_PROXY = behind_proxy
        client.get(f"{V1}/statements", headers=forged, REMOTE_ADDR="10.0.0.3")
        assert [it["address"] for it in logged()] == [address]


def test_lines_carry_the_id_that_the_answer_carries(client, db, logged):
    for given in ({"x-request-id": "abc-1"}, {}):
        answer = client.get(f"{V1}/statements", headers=given)
        assert {it["request_id"] for it in logged()} == {answer["X-Request-ID"]}


@pytest.mark.parametrize("text", FORGERIES)
def test_nobody_writes_a_line_of_the_log_but_the_service(client, db, logged, text):
    client.raise_request_exception = False
    headers = {"user-agent": text, "x-request-id": text, "x-forwarded-for": text, "accept": text}
    client.generic(text, f"/{text}", headers=headers)
    client.get(f"{V1}/statements", headers=headers, HTTP_HOST=text, REMOTE_ADDR=text)
    lines = logged()
    assert len(of_requests(lines)) == 2
    assert "forged" not in {it["event"] for it in lines}
    assert {it["method"] for it in of_requests(lines)} == {"other", "GET"}


def test_a_host_that_is_refused_is_not_quoted(client, db, logged):
    client.get(f"{V1}/statements", headers={"host": "ada.example"})
    text = json.dumps(logged())
    assert "DisallowedHost" in text
    assert "ada.example" not in text


def test_secrets_are_nowhere_in_the_log_wherever_they_were_sent(client, db, logged):
    client.raise_request_exception = False
    headers = {
        "user-agent": SECRET,
        "x-request-id": SECRET,
        "authorization": f"Bearer {SECRET}",
        "x-forwarded-for": SECRET,
        "referer": f"https://example.org/{SECRET}",
        "accept": SECRET,
        "cookie": f"sessionid={SECRET}",
    }
    for path in (f"{V1}/statements/{SECRET}?a={SECRET}", f"/{SECRET}", f"/admin/login/?{SECRET}"):
        for method in ("GET", "POST", "PUT"):
            client.generic(method, path, SECRET, headers=headers)
    logging.getLogger("npq_portal").warning("Somebody logs %s", SECRET)
    assert SECRET not in json.dumps(logged())


@pytest.fixture
def refuse_person(provider):
    """Return a function that lets the database refuse a person's row, and quotes it as that may."""

    def write(*_arguments, **_more):
        name, family, email, trn = PERSON
        try:
            Participant(
                full_name=f"{name} {family}", email=email, teacher_reference_number=trn
            ).save(force_insert=True)  # without its instants
        except IntegrityError as error:
            raise LookupError(*PERSON) from error

    with pytest.raises(LookupError) as caught:
        write()
    if connection.vendor == "postgresql":
        assert all(word in str(caught.value.__cause__) for word in PERSON[:3])
    return write


FAILING = [it for it in ROUTES if it.action != "csv"]


@pytest.mark.parametrize(**named(FAILING))
def test_an_error_of_the_api_is_logged_with_where_it_was_but_not_with_whom(
    call, logged, monkeypatch, refuse_person, route
):
    monkeypatch.setattr("npq_portal.api.views.ApiViewSet.initial", refuse_person)
    assert call(route.method, route.of(SECRET), ATTRIBUTES).status_code == 500
    failure, line = logged()
    assert failure["event"] == "A request failed."
    assert failure["request_id"] == line["request_id"]
    assert "in write" in failure["exception"]
    assert "django.db.utils.IntegrityError" in failure["exception"]
    assert line["status"] == 500
    assert not any(word in json.dumps([failure, line]) for word in (*PERSON, SECRET))


def test_a_fault_of_the_database_is_logged_without_the_row_it_quotes(call, logged, monkeypatch):
    def fail(*_arguments, **_more):
        raise OperationalError(f"deadlock detected\nDETAIL:  Key (email)=({PERSON[2]}) {SECRET}")

    monkeypatch.setattr("npq_portal.api.views.ApiViewSet.initial", fail)
    assert call("GET", f"/statements/{SECRET}").status_code == 503
    fault, line = logged()
    assert "deadlock detected" in fault["event"]
    assert (line["status"], line["route"]) == (503, "/api/v1/statements/<pk>/")
    assert not any(word in json.dumps([fault, line]) for word in (*PERSON, SECRET))


def test_an_error_of_the_back_office_is_logged_likewise(
    admin_client, logged, monkeypatch, refuse_person
):
    admin_client.raise_request_exception = False
    monkeypatch.setattr("npq_portal.back_office.attention.sections", refuse_person)
    answer = admin_client.get(f"/admin/?q={SECRET}")
    assert answer.status_code == 500
    failure, line = logged()
    assert failure["event"] == "A request failed."
    assert "in write" in failure["exception"]
    assert line["route"] == "/admin/"
    assert not any(word in json.dumps([failure, line]) for word in (*PERSON, SECRET))


def test_the_constraint_that_was_broken_is_named(refuse_person, logged):
    try:
        refuse_person()
    except LookupError:
        logging.getLogger("npq_portal").exception("It failed.")
    (line,) = logged()
    named_by_postgresql = "23502" in line["exception"]
    assert named_by_postgresql == (connection.vendor == "postgresql")


def test_an_error_in_an_answer_that_has_begun_is_not_quoted_to_the_server(
    call, logged, monkeypatch, refuse_person
):
    def broken(*_arguments):
        yield b"id"
        refuse_person()

    monkeypatch.setattr("npq_portal.api.csv_export.copied", broken)
    monkeypatch.setattr("npq_portal.api.csv_export.written", broken)
    answer = call("GET", "/npq-applications.csv")
    with pytest.raises(AnswerCutOff) as caught:
        list(answer)
    assert (str(caught.value), caught.value.__cause__, caught.value.__suppress_context__) == (
        "",
        None,
        True,
    )
    answer.close()
    failure, line = logged()
    assert failure["event"] == "An answer was cut off."
    assert failure["request_id"] == line["request_id"] == answer["X-Request-ID"]
    assert not any(word in json.dumps(failure) for word in PERSON)


def test_what_libraries_put_into_their_messages_is_left_out(logged):
    library = logging.getLogger("library.part")
    library.warning("The address %s bounced", "sian@example.org")
    library.warning(ValueError("sian@example.org"))
    logging.getLogger("outcomes").warning("%d were sent", 3)
    assert [it["event"] for it in logged()] == [
        "The address %s bounced",
        "ValueError",
        "3 were sent",
    ]
