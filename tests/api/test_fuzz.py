"""Whatever is sent, the answer is one that is documented: never a 500, never a page."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.api.conftest import V1

fuzz = settings(
    derandomize=True,
    deadline=None,
    database=None,
    # The rows are the same for every example: what a request writes is part of the fuzz.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

HOSTILE_TEXTS = (
    "",
    " ",
    "\x00",
    "npq-headship\x00",
    "\ud800",
    "x" * 201,
    "x" * 100_000,
    "2021-11-01T00:00:00+19:00",
    "2021-11-01T00:00:00-23:59",
    "2021-11-01T00:00:00+24:00",
    "0001-01-01T00:00:00+23:59",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "9999-12-31T23:59:59Z",
    "2021-02-30T00:00:00Z",
    "٢٠٢٢-01-01T00:00:00Z",
    "0001-01-01",
    "9999-12-31",
    "0000",
    "ⅷ",
    "{00000000-0000-0000-0000-000000000000}",
    "' OR 1=1 --",
    "%00",
)
HOSTILE_JSON = (
    "null",
    "true",
    "0",
    "-0",
    "1.5",
    "1e999",
    "9" * 5000,
    "-" + "9" * 400,
    "[]",
    "{}",
    '["npq-headship"]',
    '{"a": {"b": []}}',
    "[" * 5000 + "]" * 5000,
)
PARTICIPANT = "the-participant"
"""Stands for the id of one that the provider has."""
USUAL_TEXTS = {
    "participant_id": (PARTICIPANT,),
    "course_identifier": ("npq-headship", "npq-leading-literacy", "npq-additional-support-offer"),
    "declaration_type": ("started", "retained-1", "completed"),
    "declaration_date": ("2022-01-15T09:00:00Z", "2022-01-15T09:00:00.999+01:00"),
    "has_passed": ("true", "false"),
    "reason": ("other", "career-break"),
    "schedule_identifier": ("npq-leadership-autumn", "npq-leadership-spring"),
    "cohort": ("2021", "2022"),
    "state": ("passed", "failed", "voided"),
    "completion_date": ("2022-01-16", "2022-02-01"),
}
ATTRIBUTES = (*USUAL_TEXTS, "unknown", "\x00")
BODIES = (
    b"",
    b"\xff\xfe",
    b"null",
    b"[]",
    b"{",
    b'{"data": []}',
    b'{"data": {"attributes": []}}',
    b'{"data": {"attributes": null}}',
    b'{"data": {"attributes": {}}, "data": 1}',
    b"[" * 100_000,
    b'{"data": ' * 50_000,
    b"NaN",
    b'{"data": {"attributes": {"x": "' + b"x" * 10_000_000 + b'"}}}',
)
LISTS = (
    "/participants/npq",
    "/participant-declarations",
    "/participants/npq/outcomes",
    "/participants/npq/{person}/outcomes",
    "/npq-applications",
)
PARAMETERS = (
    "filter[updated_since]",
    "filter[created_since]",
    "filter[cohort]",
    "filter[participant_id]",
    "filter[\x00]",
    "filter",
    "page[page]",
    "page[per_page]",
    "page[after]",
)
STATUSES = {400: "errors", 404: "error", 413: "error", 415: "error", 422: "errors", 200: "data"}


def values_of(name):
    usual = some.sampled_from(USUAL_TEXTS.get(name, HOSTILE_TEXTS))
    texts = some.one_of(usual, some.sampled_from(HOSTILE_TEXTS), some.text(max_size=50))
    return some.one_of(
        usual.map(json.dumps), texts.map(json.dumps), some.sampled_from(HOSTILE_JSON)
    )


def members(name):
    return values_of(name).map(lambda value: f"{json.dumps(name)}: {value}")


attributes = some.one_of(
    some.lists(some.sampled_from(ATTRIBUTES).flatmap(members), max_size=8),
    some.tuples(*map(members, USUAL_TEXTS)),
)
bodies = some.one_of(
    attributes.map(lambda them: f'{{"data": {{"attributes": {{{", ".join(them)}}}}}}}'.encode()),
    some.sampled_from(BODIES),
    some.binary(max_size=100),
)
media_types = some.sampled_from(
    ["application/json"] * 8 + ["application/vnd.api+json", "text/plain", "a", ""]
)


def check(answer):
    """Fail unless the answer is one of those that rules 3.10 describe."""
    assert answer.status_code in STATUSES, (answer.status_code, answer.content)
    body = answer.json()
    assert set(body) == {STATUSES[answer.status_code]}
    for error in body.get("errors", []):
        assert set(error) == {"title", "detail", "code", "source"}
    titles = [error["title"] for error in body.get("errors", [])]
    assert len(titles) == len(set(titles))


@pytest.fixture
def send(client, provider, call, application):
    """Return a function that sends bytes to a path of this provider's records."""
    assert call("POST", f"/npq-applications/{application.pk}/accept").status_code == 200
    declaration = call(
        "POST",
        "/participant-declarations",
        {
            "participant_id": str(application.participant_id),
            "declaration_type": "started",
            "declaration_date": "2022-01-15T09:00:00Z",
            "course_identifier": "npq-headship",
        },
    ).json()["data"]["id"]
    ids = {
        "person": application.participant_id,
        "application": application.pk,
        "declaration": declaration,
    }

    def request(method, path, body=b"", kind="application/json"):
        body = body.replace(PARTICIPANT.encode(), str(application.participant_id).encode())
        return client.generic(
            method,
            V1 + path.format(**ids),
            body,
            content_type=kind,
            headers={"authorization": f"Bearer {provider[1]}"},
        )

    return request


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/participant-declarations"),
        ("POST", "/participants/npq/{person}/outcomes"),
        ("PUT", "/participants/npq/{person}/defer"),
        ("PUT", "/participants/npq/{person}/resume"),
        ("PUT", "/participants/npq/{person}/change-schedule"),
        ("PUT", "/participants/npq/{person}/withdraw"),
        ("POST", "/npq-applications/{application}/accept"),
        ("POST", "/npq-applications/{application}/reject"),
        ("PUT", "/participant-declarations/{declaration}/void"),
    ],
)
def test_any_body_is_answered_as_documented(send, method, path):
    @fuzz
    @given(bodies, media_types)
    def sent(body, kind):
        check(send(method, path, body, kind))

    sent()


@pytest.mark.parametrize(
    ("method", "path", "names"),
    [
        (
            "POST",
            "/participant-declarations",
            "participant_id declaration_type declaration_date course_identifier has_passed",
        ),
        (
            "POST",
            "/participants/npq/{person}/outcomes",
            "course_identifier state completion_date",
        ),
        ("PUT", "/participants/npq/{person}/defer", "course_identifier reason"),
        (
            "PUT",
            "/participants/npq/{person}/change-schedule",
            "course_identifier schedule_identifier cohort",
        ),
    ],
)
def test_each_hostile_value_in_each_attribute_is_answered_as_documented(send, method, path, names):
    usual = {name: json.dumps(USUAL_TEXTS[name][0]) for name in names.split()}
    for name in usual:
        for value in (*map(json.dumps, HOSTILE_TEXTS), *HOSTILE_JSON):
            them = ", ".join(f'"{each}": {it}' for each, it in {**usual, name: value}.items())
            check(send(method, path, f'{{"data": {{"attributes": {{{them}}}}}}}'.encode()))


def test_each_hostile_value_of_each_parameter_is_answered_as_documented(send):
    for path in LISTS:
        for parameter in PARAMETERS:
            for value in map(encoded, HOSTILE_TEXTS):
                check(send("GET", f"{path}?{quote(parameter)}={value}"))


def encoded(text):
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


hostile_values = some.one_of(
    some.sampled_from(["2021", "2021-11-01T00:00:00Z", "1", "9" * 5000, "-1", "WyIiLCAiIl0"]),
    some.sampled_from(HOSTILE_TEXTS),
    some.text(max_size=30),
).map(encoded)
parameters = some.sampled_from(PARAMETERS).map(quote)
queries = some.lists(
    some.one_of(
        some.tuples(parameters, hostile_values).map("=".join),
        some.sampled_from(["%FF=%FF", "filter%5Bcohort%5D=%ED%A0%80", "&&=", "page[after]=%00"]),
    ),
    min_size=1,
    max_size=3,
).map("&".join)


@pytest.mark.parametrize("path", LISTS)
def test_any_query_is_answered_as_documented(send, path):
    @fuzz
    @given(queries)
    def asked(query):
        check(send("GET", f"{path}?{query.replace('{', '%7B').replace('}', '%7D')}"))

    asked()


def test_any_id_in_a_path_is_answered_as_documented(send):
    ids = some.one_of(some.sampled_from(HOSTILE_TEXTS), some.text(max_size=40)).map(encoded)
    paths = some.sampled_from(
        [
            "/participants/npq/",
            "/participant-declarations/",
            "/npq-applications/",
            "/participants/npq/outcomes/",
        ]
    )

    @fuzz
    @given(paths, ids)
    def asked(path, identifier):
        check(send("GET", path + identifier))

    asked()
