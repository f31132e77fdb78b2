"""What a large provider asks the API in the benchmark of its speed."""

import json
import re
import statistics
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection
from django.test import Client as DatabaseClient
from django.test.utils import CaptureQueriesContext

from benchmarks.load import Answer, Client, request
from benchmarks.many_records import LARGEST

PARTICIPANTS = "/api/v1/participants/npq"
DECLARATIONS = "/api/v1/participant-declarations"
EXPORT = "/api/v1/participant-declarations.csv"

MOST_BODIES = 20_000
TIMES = 15

NEXT_PAGE = re.compile(rb'\r\nlink: <https?://[^/]+([^>]+)>; rel="next"', re.IGNORECASE)
NOTHING_NEW = {"filter[updated_since]": "2100-01-01T00:00:00Z"}

HOW_MANY = """
SELECT count(*) FROM declarations_declaration d
JOIN providers_leadprovider l ON l.id = d.lead_provider_id WHERE l.name = %s
"""

# Of the enrolments of which nothing was declared so far, whatever their schedules have.
UNDECLARED = """
SELECT a.id, a.participant_id, c.identifier, m.declaration_type, g.has_outcomes,
    to_char(day AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM participants_application a
JOIN schedules_course c ON c.id = a.course_id JOIN schedules_coursegroup g ON g.id = c.group_id
JOIN schedules_milestone m ON m.schedule_id = a.schedule_id
JOIN providers_leadprovider l ON l.id = a.lead_provider_id,
    LATERAL (SELECT greatest(a.accepted_at, m.start_date) + interval '1 day' AS day) x
WHERE l.name = %s AND a.status = 'accepted' AND a.training_status = 'active' AND day < now()
    AND NOT EXISTS (SELECT FROM declarations_declaration WHERE application_id = a.id)
ORDER BY md5(a.id || m.declaration_type) LIMIT %s
"""

FORGET = """
DELETE FROM declarations_declarationevent WHERE declaration_id IN
    (SELECT id FROM declarations_declaration WHERE application_id = ANY(%(applications)s));
DELETE FROM outcomes_outcomelisting WHERE outcome_id IN
    (SELECT o.id FROM outcomes_outcome o JOIN declarations_declaration d ON d.id = o.declaration_id
     WHERE d.application_id = ANY(%(applications)s));
DELETE FROM outcomes_outcome WHERE declaration_id IN
    (SELECT id FROM declarations_declaration WHERE application_id = ANY(%(applications)s));
DELETE FROM declarations_declarationlisting WHERE declaration_id IN
    (SELECT id FROM declarations_declaration WHERE application_id = ANY(%(applications)s));
DELETE FROM declarations_declaration WHERE application_id = ANY(%(applications)s)
"""


def page(path: str, size: int, number: int = 1) -> str:
    """Return the path of a page of a list."""
    return f"{path}?page[page]={number}&page[per_page]={size}"


def pages_by_number() -> dict[str, str]:
    """Return by their names the pages that are asked for."""
    with connection.cursor() as cursor:
        cursor.execute(HOW_MANY, [LARGEST])
        declarations: int = cursor.fetchone()[0]
    return {
        "participants, page of 100": page(PARTICIPANTS, 100),
        "participants, page of 3,000": page(PARTICIPANTS, 3000),
        "declarations, page of 100": page(DECLARATIONS, 100),
        "declarations, page of 3,000": page(DECLARATIONS, 3000),
        "declarations, last page of 100": page(DECLARATIONS, 100, -(-declarations // 100)),
    }


class Undeclared:
    """Declarations that can be posted, each once, until what was posted is forgotten."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(UNDECLARED, [LARGEST, MOST_BODIES])
            rows = cursor.fetchall()
        self._applications = list({row[0] for row in rows})
        self.bodies = [_body(*row[1:]) for row in rows]

    def forget(self) -> None:
        """Make the records what they were before anything was posted."""
        with connection.cursor() as cursor:
            cursor.execute(FORGET, {"applications": self._applications})
            cursor.execute("VACUUM ANALYZE declarations_declaration")


def _body(participant: Any, course: str, kind: str, has_outcomes: bool, date: str) -> str:
    attributes = {
        "participant_id": str(participant),
        "declaration_type": kind,
        "declaration_date": date,
        "course_identifier": course,
    }
    passed = {"has_passed": True} if has_outcomes and kind == "completed" else {}
    return json.dumps({"data": {"attributes": attributes | passed}})


class Walk(NamedTuple):
    """A way through all pages of a list: their number, and the rows on them.

    Milliseconds are what a page took on the ``average``, and the ``first`` and the ``last`` full
    one when asked for again.
    """

    pages: int
    rows: int
    average: float
    first: float
    last: float


def walk(port: int, path: str, size: int) -> Walk:
    """Follow the links from the first page of a list to the end."""
    with Client(port) as client:
        found = list(_pages(client, page(path, size)))
        full = [path for path, rows, _lap in found if rows == size]
        return Walk(
            pages=len(found),
            rows=sum(rows for _path, rows, _lap in found),
            average=statistics.fmean(lap for _path, _rows, lap in found),
            first=_again(client, full[0]),
            last=_again(client, full[-1]),
        )


def _pages(client: Client, path: str) -> Iterator[tuple[str, int, float]]:
    """Yield the path of each page, the rows on it and the milliseconds it took."""
    while True:
        answer, lap = _timed(client, path)
        yield path, len(json.loads(answer.body)["data"]), lap
        following = NEXT_PAGE.search(answer.head)
        if following is None:
            return
        path = following[1].decode()


def _again(client: Client, path: str) -> float:
    return statistics.median(_timed(client, path)[1] for _time in range(TIMES))


def _timed(client: Client, path: str) -> tuple[Answer, float]:
    started = time.perf_counter()
    answer = client.ask(request(path, LARGEST))
    return answer, (time.perf_counter() - started) * 1000


def nothing_new(path: str) -> float:
    """Return how many milliseconds the database takes to find that a list has nothing new."""
    headers = {"host": "localhost", "authorization": f"Bearer {LARGEST}"}
    with CaptureQueriesContext(connection) as captured:
        answer = DatabaseClient(headers=headers).get(path, NOTHING_NEW)
    if answer.status_code != 200 or answer.json()["data"]:
        raise SystemExit(f"{path} was answered with {answer.content[:500]!r}.")
    statements = [it["sql"] for it in captured.captured_queries]
    return sum(map(_explain, (it for it in statements if it.startswith("SELECT"))))


def _explain(statement: str) -> float:
    laps = []
    for _time in range(TIMES):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.replace('%', '%%')}", [])
            plan = cursor.fetchone()[0][0]
        laps.append(float(plan["Planning Time"]) + float(plan["Execution Time"]))
    return statistics.median(laps)
