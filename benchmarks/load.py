"""What a server answers to several clients at once, each of which waits before it asks on.

Over plain sockets and from processes of their own, so that the clients take little of the time.
"""

import itertools
import re
import socket
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from multiprocessing import get_context
from typing import Any, NamedTuple

CONNECTIONS = 4
BLOCK = 1 << 18
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
CLOSE = re.compile(rb"\r\nconnection: close", re.IGNORECASE)


class Answer(NamedTuple):
    """What came back: the status, the header lines and the body."""

    status: int
    head: bytes
    body: bytes


class Figures(NamedTuple):
    """How many answers a second there were, and how many milliseconds one took.

    ``middle`` is the median of these, ``slow`` what all but one in a hundred stayed below.
    """

    rate: float
    middle: float
    slow: float


def request(
    path: str, token: str, body: str | None = None, *, keep_alive: bool = True, http: str = "1.1"
) -> bytes:
    """Return what is sent to read from ``path``, or to post a ``body`` of JSON to it."""
    lines = [
        f"{'GET' if body is None else 'POST'} {path} HTTP/{http}",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        *([] if keep_alive else ["Connection: close"]),
    ]
    content = (body or "").encode()
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


class Client(AbstractContextManager["Client"]):
    """One client of the server on a port of this machine; it keeps its connection while it can."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def __exit__(self, *_exception: Any) -> None:
        self._close()

    def ask(self, request: bytes) -> Answer:
        """Send a request and return the whole answer."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port))
        self._socket.sendall(request)
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        head, body = bytes(received[:end]), received[end + 4 :]
        length = CONTENT_LENGTH.search(head)
        if length is None:
            raise ConnectionError("The answer does not say how long it is.")
        while len(body) < int(length[1]):
            body += self._more()
        if any(CLOSE.search(it) for it in (request, head)):
            self._close()
        return Answer(int(head[9:12]), head, bytes(body))

    def _more(self) -> bytes:
        assert self._socket is not None
        block = self._socket.recv(BLOCK)
        if not block:
            raise ConnectionError("The server ended an answer before it was whole.")
        return block

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None


class Load(AbstractContextManager["Load"]):
    """The processes from which clients ask."""

    def __init__(self) -> None:
        # Not forked: a copy of this process would hold its connections.
        self._pool = ProcessPoolExecutor(CONNECTIONS, get_context("spawn"))

    def __exit__(self, *_exception: Any) -> None:
        self._pool.shutdown()

    def measure(
        self, port: int, requests: Sequence[bytes], seconds: float, *, again: bool
    ) -> Figures:
        """Share the requests out among the clients, and return what a server makes of them.

        They are asked ``again`` and again until time is up, or each but once. Exits when an answer
        is anything but 200.
        """
        shares = [requests[number::CONNECTIONS] or requests for number in range(CONNECTIONS)]
        running = [self._pool.submit(_ask, port, share, seconds, again) for share in shares]
        laps = [it.result() for it in running]
        every = sorted(itertools.chain.from_iterable(laps))
        return Figures(
            rate=sum(len(it) / sum(it) for it in laps),
            middle=statistics.median(every) * 1000,
            slow=every[int(len(every) * 0.99)] * 1000,
        )


def _ask(port: int, requests: Sequence[bytes], seconds: float, again: bool) -> list[float]:
    """Return how many seconds each answer took."""
    laps: list[float] = []
    end = time.perf_counter() + seconds
    with Client(port) as client:
        for it in itertools.cycle(requests) if again else requests:
            started = time.perf_counter()
            answer = client.ask(it)
            laps.append(time.perf_counter() - started)
            if answer.status != 200:
                raise SystemExit(f"{it[:200]!r} was answered with {answer.body[:500]!r}.")
            if time.perf_counter() > end:
                break
    return laps


def count_lines(port: int, request: bytes) -> tuple[int, float]:
    """Return how many lines an answer of HTTP/1.0 has, and how many seconds it took."""
    started, lines, rest = time.perf_counter(), 0, b""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request)
        while b"\r\n\r\n" not in rest:
            rest += connection.recv(BLOCK)
        head, _, block = rest.partition(b"\r\n\r\n")
        if not head.split(b" ", 2)[1] == b"200":
            raise SystemExit(f"{request!r} was answered with {head!r}.")
        while block or (block := connection.recv(BLOCK)):
            lines += block.count(b"\n")
            block = b""
    return lines, time.perf_counter() - started
