"""What a real server says of itself and of requests it refuses alone (rules 18.2, 18.3)."""

import json
from contextlib import contextmanager
from functools import partial

import pytest

from tests.concurrency.servers import exchange, running

SECRET = b"npq_" + b"a" * 43
SENT = (b"sian@example.org", b"\x1b[31m", SECRET)
GET = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /api/v1/statements HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"

REFUSED = {
    "a header without its colon": GET + b"Authorization Bearer %s\r\n\r\n",
    "a header's name": GET + b"a %s: b\r\n\r\n",
    "a folded line": GET + b"a: b\r\n %s\r\n\r\n",
    "a method": b"%s / HTTP/1.1\r\n\r\n",
    "a request line": b"GET%s\r\n\r\n",
    "a version": b"GET / HTTP/%s\r\n\r\n",
    "a length": GET + b"Content-Length: %s\r\n\r\n",
    "a coding": GET + b"Transfer-Encoding: %s\r\n\r\n",
    "a size of a chunk": POST + b"%s\r\n",
    "a chunk longer than it said": POST + b"2\r\nab%s\r\n0\r\n\r\n",
    "a chunk's extension": POST + b"2;%s\r\nab\r\n0\r\n\r\n",
}


@contextmanager
def sending(folder):
    """Yield a function that sends a request of these bytes to a server and returns its answer.

    Asked for within a test, since what is captured of a server is what was when it started.
    """
    with running(folder, processes=1, log_level="info", LOG_LEVEL="INFO") as server:
        send = partial(exchange, server)
        send(GET + b"Connection: close\r\n\r\n")
        yield send


@pytest.fixture
def lines(transactional_db, capfd):
    """Return a function that returns the lines of the log since it was asked last."""

    def read():
        text = capfd.readouterr().err
        assert text.isascii()
        assert not any(character < " " for character in text.replace("\n", ""))
        return [json.loads(line) for line in text.splitlines()]

    return read


def test_what_it_refuses_by_itself_is_a_line_that_quotes_nothing(lines, tmp_path):
    with sending(tmp_path) as send:
        lines()
        refused = set()
        for name, request in REFUSED.items():
            for sent in SENT:
                assert send(request % sent).startswith(b"HTTP/1.1 "), name
                said = lines()
                of_server = [it for it in said if it["logger"] == "gunicorn.error"]
                assert [it["event"] for it in of_server] in ([], ["Invalid request."]), name
                assert not any("127.0.0.1" in str(it) for it in of_server), name
                assert not any(word in str(said) for word in ("sian", "31m", "npq_a")), name
                refused |= {name for it in of_server}
    assert len(refused) > len(REFUSED) / 2


def test_what_it_says_of_itself_can_be_read(lines, tmp_path):
    with sending(tmp_path):
        pass
    events = [it["event"] for it in lines()]
    assert any(it.startswith("Listening at: http://127.0.0.1:") for it in events)
    assert any(it.startswith("Booting worker with pid: ") for it in events)
    assert "Using worker: gthread" in events
    assert "request" in events
