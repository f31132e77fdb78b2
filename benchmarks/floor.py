"""The floor: how fast the database and the HTTP server let the same answers be given.

A WSGI application without a framework, served as the service is: one statement for each request,
and its rows as JSON. It counts no requests, keeps neither history nor journal, attaches to no
statement, and leaves out what these records don't have: people who were merged or transferred,
tokens that expire, refusals. The database is the one that PGHOST and the like name.
"""

import hashlib
import threading
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

import orjson
import psycopg

from npq_portal.identifiers import new_id

PROVIDER = "(SELECT lead_provider_id FROM providers_apitoken WHERE secret_hash = %(token)s)"

PARTICIPANTS = f"""
SELECT page.participant_id, p.full_name, p.email,
    CASE WHEN p.teacher_reference_number_validated THEN p.teacher_reference_number END,
    page.updated_at, c.identifier, s.identifier, h.start_year, a.id, a.eligible_for_funding,
    a.training_status, a.school_urn, a.targeted_delivery_funding_eligibility, a.withdrawal_reason,
    a.withdrawn_at, a.deferral_reason, a.deferred_at, a.created_at
FROM (SELECT participant_id, participant_created_at, updated_at, lead_provider_id
      FROM participants_participantlisting l WHERE lead_provider_id = {PROVIDER} AND is_current
      ORDER BY participant_created_at, participant_id LIMIT %(limit)s OFFSET %(offset)s) page
JOIN participants_participant p ON p.id = page.participant_id
JOIN participants_application a ON a.participant_id = page.participant_id
    AND a.lead_provider_id = page.lead_provider_id AND a.status = 'accepted'
JOIN schedules_course c ON c.id = a.course_id
JOIN schedules_schedule s ON s.id = a.schedule_id
JOIN schedules_cohort h ON h.id = a.cohort_id
ORDER BY page.participant_created_at, page.participant_id, a.created_at, a.id
"""

DECLARATION = """
    d.id, a.participant_id, d.declaration_type, d.declaration_date, c.identifier, d.state,
    d.updated_at, (SELECT o.state FROM outcomes_outcome o WHERE o.declaration_id = d.id
                   ORDER BY o.created_at DESC, o.id DESC LIMIT 1),
    d.statement_id, d.clawback_statement_id
"""

# The keys of the page come from an index alone, and only the page's own rows are then read.
DECLARATIONS = f"""
SELECT {DECLARATION}
FROM (SELECT id FROM declarations_declaration WHERE lead_provider_id = {PROVIDER}
      ORDER BY created_at, id LIMIT %(limit)s OFFSET %(offset)s) page
JOIN declarations_declaration d ON d.id = page.id
JOIN participants_application a ON a.id = d.application_id
JOIN schedules_course c ON c.id = a.course_id
ORDER BY d.created_at, d.id
"""

INSTANT = """'YYYY-MM-DD"T"HH24:MI:SS"Z"'"""
EXPORT = f"""
COPY (SELECT d.id, a.participant_id, d.declaration_type,
        to_char(d.declaration_date, {INSTANT}) AS declaration_date,
        c.identifier AS course_identifier, d.state,
        (d.state IN ('eligible', 'payable'))::text AS eligible_for_payment,
        (d.state = 'voided')::text AS voided, to_char(d.updated_at, {INSTANT}) AS updated_at,
        CASE o.state WHEN 'passed' THEN 'true' WHEN 'failed' THEN 'false' END AS has_passed,
        d.statement_id, d.clawback_statement_id
    FROM declarations_declaration d
    JOIN participants_application a ON a.id = d.application_id
    JOIN schedules_course c ON c.id = a.course_id
    LEFT JOIN LATERAL (SELECT state FROM outcomes_outcome WHERE declaration_id = d.id
        ORDER BY created_at DESC, id DESC LIMIT 1) o ON true
    WHERE d.lead_provider_id = '{{provider}}'
    ORDER BY d.created_at, d.id) TO STDOUT (FORMAT csv, HEADER)
"""

# What stands in the slot already is answered as it is.
CREATE = f"""
WITH held AS (
    SELECT a.id, a.lead_provider_id, a.schedule_id FROM participants_application a
    JOIN schedules_course c ON c.id = a.course_id
    WHERE a.participant_id = %(participant_id)s AND a.lead_provider_id = {PROVIDER}
    AND c.identifier = %(course_identifier)s AND a.status = 'accepted'),
created AS (
    INSERT INTO declarations_declaration (id, application_id, lead_provider_id, declaration_type,
        declaration_date, has_passed, state, created_at, updated_at)
    SELECT %(id)s, held.id, held.lead_provider_id, m.declaration_type, %(declaration_date)s,
        %(has_passed)s, 'eligible', now(), now()
    FROM held JOIN schedules_milestone m USING (schedule_id)
    WHERE m.declaration_type = %(declaration_type)s
    ON CONFLICT DO NOTHING RETURNING *),
standing AS (
    SELECT * FROM created UNION ALL
    SELECT d.* FROM declarations_declaration d JOIN held ON held.id = d.application_id
    WHERE d.declaration_type = %(declaration_type)s AND d.state <> 'voided' LIMIT 1)
SELECT {DECLARATION} FROM standing d
JOIN participants_application a ON a.id = d.application_id
JOIN schedules_course c ON c.id = a.course_id
"""

HAS_PASSED = {"passed": True, "failed": False}
BLOCK = 1 << 18

_of_thread = threading.local()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one of the few requests that are compared; fail at any other."""
    secret = environ["HTTP_AUTHORIZATION"].partition(" ")[2]
    token = hashlib.sha256(secret.encode()).hexdigest()
    match environ["REQUEST_METHOD"], environ["PATH_INFO"]:
        case "GET", "/api/v1/participants/npq":
            data: Any = _participants(_rows(PARTICIPANTS, token=token, **_page(environ)))
        case "GET", "/api/v1/participant-declarations":
            data = [_declaration(row) for row in _rows(DECLARATIONS, token=token, **_page(environ))]
        case "POST", "/api/v1/participant-declarations":
            data = _declaration(_rows(CREATE, token=token, id=new_id(), **_body(environ))[0])
        case "GET", "/api/v1/participant-declarations.csv":
            start_response("200 OK", [("Content-Type", "text/csv")])
            return _export(token)
    options = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
    content = orjson.dumps({"data": data}, option=options)
    start_response("200 OK", [("Content-Length", str(len(content)))])
    return [content]


def _page(environ: WSGIEnvironment) -> dict[str, int]:
    query = parse_qs(environ["QUERY_STRING"])
    size = int(query["page[per_page]"][0])
    return {"limit": size, "offset": (int(query["page[page]"][0]) - 1) * size}


def _body(environ: WSGIEnvironment) -> dict[str, Any]:
    content = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    given = orjson.loads(content)["data"]["attributes"]
    date = datetime.fromisoformat(given["declaration_date"])
    return {"has_passed": None} | given | {"declaration_date": date}


def _connection() -> psycopg.Connection[Any]:
    if not hasattr(_of_thread, "connection"):
        _of_thread.connection = psycopg.connect(
            options="-c timezone=UTC", autocommit=True, prepare_threshold=1
        )
    connection: psycopg.Connection[Any] = _of_thread.connection
    return connection


def _rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    return _connection().cursor(binary=True).execute(statement, values).fetchall()


def _participants(rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    people = []
    for (identifier, name, email, trn, updated_at), own in groupby(rows, itemgetter(0, 1, 2, 3, 4)):
        enrolments = [_enrolment(email, *row[5:]) for row in own]
        attributes = {
            "participant_id": identifier,
            "full_name": name,
            "email": email,
            "npq_courses": [it["course_identifier"] for it in enrolments],
            "teacher_reference_number": trn,
            "updated_at": updated_at,
            "npq_enrolments": enrolments,
            "participant_id_changes": [],
        }
        people.append({"id": identifier, "type": "npq-participant", "attributes": attributes})
    return people


def _enrolment(email: str, course: str, schedule: str, cohort: int, *rest: Any) -> dict[str, Any]:
    identifier, funded, status, urn, targeted, left_for, left_at, break_for, break_at, at = rest
    return {
        "email": email,
        "course_identifier": course,
        "schedule_identifier": schedule,
        "cohort": str(cohort),
        "npq_application_id": identifier,
        "eligible_for_funding": funded,
        "training_status": status,
        "school_urn": urn,
        "targeted_delivery_funding_eligibility": targeted,
        "withdrawal": {"reason": left_for, "date": left_at} if left_for else None,
        "deferral": {"reason": break_for, "date": break_at} if break_for else None,
        "created_at": at,
    }


def _declaration(row: tuple[Any, ...]) -> dict[str, Any]:
    identifier, participant, kind, date, course, state, updated_at, outcome, *statements = row
    attributes = {
        "participant_id": participant,
        "declaration_type": kind,
        "declaration_date": date,
        "course_identifier": course,
        "state": state,
        "eligible_for_payment": state in {"eligible", "payable"},
        "voided": state == "voided",
        "updated_at": updated_at,
        "has_passed": HAS_PASSED.get(outcome),
        "statement_id": statements[0],
        "clawback_statement_id": statements[1],
    }
    return {"id": identifier, "type": "participant-declaration", "attributes": attributes}


def _export(token: str) -> Iterator[bytes]:
    provider = _rows(f"SELECT {PROVIDER}", token=token)[0][0]
    with _connection().cursor().copy(EXPORT.format(provider=provider)) as copy:
        block = bytearray()
        for row in copy:
            block += row
            if len(block) > BLOCK:
                yield bytes(block)
                block.clear()
        yield bytes(block)
