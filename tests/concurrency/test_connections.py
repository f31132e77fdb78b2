"""A connection that is said to be kept takes the next request (rules 3.3)."""

import http.client
from urllib.parse import urlsplit

import pytest

from tests.concurrency.servers import running
from tests.factories.participants import ApplicationFactory

NEARLY_THE_MOST = b" " * 999_000


@pytest.mark.parametrize("path", ["/npq-applications/{id}/reject", "/nothing"])
def test_a_body_that_nobody_reads_leaves_the_connection_as_it_is(token_of, tmp_path, path):
    application = ApplicationFactory.create()
    bearer = {"Authorization": f"Bearer {token_of(application.lead_provider)}"}
    with running(tmp_path, processes=1) as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
        statuses = []
        for method, body in (("POST", NEARLY_THE_MOST), ("GET", None)):
            connection.request(method, f"/api/v1{path}".format(id=application.pk), body, bearer)
            answer = connection.getresponse()
            answer.read()
            statuses.append((answer.status, answer.getheader("Connection")))
        connection.close()
    first, second = statuses
    assert first == (404 if path == "/nothing" else 200, "keep-alive")
    assert second[0] in {404, 405}
