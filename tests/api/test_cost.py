"""What a request asks of PostgreSQL: so many queries and rows, however many there are (ADR 17)."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import V1, gather_statistics
from tests.api.test_lists import START, enrol  # noqa: F401 - a fixture
from tests.factories.providers import LeadProviderFactory

FEW, MANY = 40, 800

COSTS = {
    "/participants/npq?page[per_page]=10": (3, 120),
    "/participant-declarations?page[per_page]=10": (2, 200),
    "/npq-applications?page[per_page]=10": (2, 60),
    "/participants/npq/outcomes?page[per_page]=10": (2, 200),
    "/statements?page[per_page]=10": (7, 400),
}
"""At most so many queries, and rows that tables were asked for.

PostgreSQL may choose to read tables of few rows whole, and of those of many it may not.
"""


@pytest.fixture
def cost(call):
    """Return a function that tells how many queries and rows of tables a request takes."""

    def measure(method, path, attributes=None):
        call("GET", "/statements")  # notes the first use of the token
        before = rows_read()
        with CaptureQueriesContext(connection) as queries:
            answer = call(method, path, attributes)
        assert answer.status_code == 200, answer.content
        return len(queries), rows_read() - before, answer

    with connection.cursor() as cursor:
        # Tables of so few pages would be read whole, one after the other or, to merge, by an index.
        # Where no index fits they are all the same.
        for way in ("seqscan", "mergejoin", "hashjoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    return measure


def rows_read():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
        )
        return int(cursor.fetchone()[0])


def add(enrol, count, start=START):  # noqa: F811
    applications = enrol(count, start)
    gather_statistics()
    return applications


if connection.vendor == "postgresql":  # SQLite does not count rows

    @pytest.mark.parametrize("path", COSTS)
    def test_what_a_page_costs_does_not_grow(cost, enrol, path):
        for count in (FEW, MANY):
            add(enrol, count, START + timedelta(days=count))
            queries, rows, _answer = cost("GET", path)
            most_queries, most_rows = COSTS[path]
            assert queries <= most_queries
            assert rows <= most_rows

    @pytest.mark.parametrize("path", COSTS)
    def test_what_a_page_costs_does_not_grow_with_what_others_have(cost, enrol, path):
        enrol(MANY, of=LeadProviderFactory.create())
        add(enrol, FEW, START + timedelta(days=1))
        queries, rows, _answer = cost("GET", path)
        most_queries, most_rows = COSTS[path]
        assert queries <= most_queries
        assert rows <= most_rows

    @pytest.mark.parametrize("path", ["/participant-declarations", "/participants/npq/outcomes"])
    def test_what_goes_on_no_page_is_not_looked_into(cost, enrol, path):
        # Most have less than a page: of who has more, the keys may be sorted, but nothing else.
        for _ in range(MANY // 10):
            enrol(1, of=LeadProviderFactory.create())
        add(enrol, MANY, START + timedelta(days=1))
        _queries, rows, _answer = cost("GET", f"{path}?page[per_page]=100")
        assert rows <= MANY + 500

    @pytest.mark.parametrize(
        "path", ["/participants/npq", "/participant-declarations", "/participants/npq/outcomes"]
    )
    def test_the_last_page_costs_what_the_first_does(cost, enrol, path):
        add(enrol, MANY)
        page = f"{path}?page[per_page]=50"
        costs = []
        while page:
            *it, answer = cost("GET", page)
            costs.append(it)
            page = re.sub(f".*{V1}(.*)>.*", r"\1", answer.get("Link", ""))
        assert len(costs) >= MANY / 50
        assert max(costs[1:-1])[1] <= costs[0][1] * 1.5

    def test_a_declaration_takes_few_queries_and_a_copy_fewer(cost, enrol):
        (*_, last) = add(enrol, MANY)
        attributes = {
            "participant_id": str(last.participant_id),
            "declaration_type": "started",
            "declaration_date": "2021-12-05T09:00:00Z",
            "course_identifier": "npq-headship",
        }
        queries, rows, _answer = cost("POST", "/participant-declarations", attributes)
        assert queries <= 16
        assert rows <= 75
        queries, rows, _answer = cost("POST", "/participant-declarations", attributes)
        assert queries <= 5
        assert rows <= 40
