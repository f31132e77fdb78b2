"""Where a request ends, as a real server sees it: nobody's request is hidden in another's."""

import socket
from urllib.parse import urlsplit

import pytest

from npq_portal.back_office.models import ProviderRequest
from tests.concurrency.servers import exchange, running
from tests.factories.providers import LeadProviderFactory

HIDDEN = b"GET /api/v1/hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = b"0\r\n\r\n" + HIDDEN
POST = b"POST /api/v1/participant-declarations HTTP/1.1\r\nHost: localhost\r\n"
TYPE = b"Content-Type: application/json\r\n"

AMBIGUOUS = {
    "both lengths": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "both lengths the other way": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 55\r\n",
    "a list of lengths": b"Content-Length: 0, 55\r\n",
    "a length with a sign": b"Content-Length: +5\r\n",
    "a length in hexadecimal": b"Content-Length: 0x5\r\n",
    "a negative length": b"Content-Length: -1\r\n",
    "chunked twice": b"Transfer-Encoding: chunked, chunked\r\n",
    "chunked and something": b"Transfer-Encoding: chunked, identity\r\n",
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n",
    "a folded line": b"X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
    "an underscore": b"Content_Length: 0\r\nTransfer_Encoding: chunked\r\n",
    "a bare carriage return": b"X: y\rTransfer-Encoding: chunked\r\n",
    "a NUL": b"X: y\x00\r\nContent-Length: 0\r\n",
}
NO_CHUNKS = {
    "no number": b"xyz\r\n",
    "a negative number": b"-1\r\n\r\n",
    "hexadecimal with a prefix": b"0x0\r\n\r\n",
    "a wrong length": b"2\r\nabcd\r\n0\r\n\r\n",
}


@pytest.fixture
def token(token_of):
    return token_of(LeadProviderFactory.create())


@pytest.fixture
def server(token, tmp_path):
    with running(tmp_path, processes=1) as started:
        yield started


def answers(server, request):
    """Return the statuses of all answers that come over one connection."""
    lines = exchange(server, request).split(b"\r\n")
    return [int(line.split()[1]) for line in lines if line.startswith(b"HTTP/1.1 ")]


def test_no_request_is_hidden_in_one_whose_end_is_unclear(server, token):
    authorised = POST + b"Authorization: Bearer " + token.encode() + b"\r\n" + TYPE
    for name, lines in AMBIGUOUS.items():
        told = answers(server, authorised + lines + b"\r\n" + CHUNKED)
        assert len(told) <= 1, name
        assert set(told) <= {400, 422, 501}, name
    for name, chunks in NO_CHUNKS.items():
        lines = b"Transfer-Encoding: chunked\r\n\r\n"
        told = answers(server, authorised + lines + chunks + HIDDEN)
        assert len(told) <= 1, name
        assert set(told) <= {400, 500}, name
    assert not ProviderRequest.objects.filter(path__contains="hidden").exists()


def test_headers_that_only_look_like_the_servers_own_are_not_believed(server, token):
    """An underscore in a name would make it, for Django, one that a proxy has set."""
    for line in (b"X_Forwarded_For: 192.0.2.1\r\n", b"X_Request_Id: forged\r\n"):
        request = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n" + line + b"\r\n"
        assert answers(server, request) in ([200], [400])


def test_a_line_break_in_a_request_gets_into_no_answer(server):
    address = urlsplit(server.url)
    request = (
        b"GET /admin/login/?next=/%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: localhost\r\n"
        b"X-Request-ID: a%0d%0aSet-Cookie:%20a=b\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(request)
        received = b""
        while part := connection.recv(65536):
            received += part
    head = received.partition(b"\r\n\r\n")[0].lower()
    assert b"set-cookie: a=b" not in head
