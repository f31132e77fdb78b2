"""Lead providers' clients, each as near its limit as it may come, and the days that they have."""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import httpx

from tests.chaos.providers import COURSE

LIMIT = 1_000
"""Requests that a token may send in five minutes, as shipped."""

INTERVAL = 300 / (0.95 * LIMIT)
"""Seconds between the requests of a client."""

PATIENCE = 60
"""Seconds that a client waits for an answer."""

CSV_EVERY = 6
"""Days, of which one brings both lists as CSV."""

LIST = {"page[per_page]": "100"}
LATELY = timedelta(minutes=1)
"""Less than clients are advised to go back, so that lists soon are as long as they stay."""


@dataclass(frozen=True)
class Request:
    """What is sent to ``path``, and the status that is ``due``."""

    method: str
    path: str
    attributes: dict[str, Any] | None = None
    query: dict[str, str] | None = None
    due: int = 200


Day = Generator[Request, httpx.Response, None]
"""Requests one by one; the answer to each comes back in."""


@dataclass(frozen=True)
class Applicant:
    """Somebody whose application is to be decided."""

    participant: str
    application: str

    def day(self, number: int) -> Day:
        """Yield what a provider sends about somebody on the day of this number, and what it reads.

        Any day asks for as much as the one before, as long as that is not CSV: pages do not grow.
        """
        application = f"/npq-applications/{self.application}"
        yield updated("/npq-applications")
        yield Request("POST", f"{application}/accept")
        yield Request("GET", application)
        listed = yield Request("GET", "/participants/npq", query=LIST)
        yield Request("GET", listed.links["next"]["url"])
        started = self.declare("started")
        yield started
        yield started
        yield from self.plans()
        yield updated("/participant-declarations")
        yield from self.corrections()
        if number % CSV_EVERY == 0:
            yield Request("GET", "/participant-declarations.csv")
            yield Request("GET", "/npq-applications.csv")
        withdrawal = self.train("withdraw", reason="other")
        yield withdrawal
        yield replace(withdrawal, due=422)
        yield Request("GET", f"/participants/npq/{uuid4()}", due=404)

    def plans(self) -> Day:
        """Defer and resume, go to another schedule and come back, and look at it."""
        yield self.train("defer", reason="other")
        yield self.train("resume")
        yield self.train("change-schedule", schedule_identifier="npq-leadership-autumn")
        yield self.train("change-schedule", schedule_identifier="npq-leadership-spring")
        yield Request("GET", f"/participants/npq/{self.participant}")
        yield updated("/participants/npq")

    def corrections(self) -> Day:
        """Void what was declared and declare anew, and have a pass taken back."""
        void = "/participant-declarations/{}/void"
        yield Request("PUT", void.format(record_id((yield self.declare("retained-1")))))
        yield self.declare("retained-1")
        outcomes = f"/participants/npq/{self.participant}/outcomes"
        completed = record_id((yield self.declare("completed", has_passed=False)))
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        passed = {"course_identifier": COURSE, "state": "passed", "completion_date": today}
        yield Request("POST", outcomes, passed)
        yield Request("GET", outcomes)
        yield Request("PUT", void.format(completed))
        yield Request("GET", f"/participant-declarations/{completed}")
        yield Request("GET", "/statements")

    def declare(self, kind: str, **attributes: Any) -> Request:
        """Return the declaration of a milestone as of now."""
        given = {
            "participant_id": self.participant,
            "declaration_type": kind,
            "declaration_date": instant(datetime.now(UTC)),
            "course_identifier": COURSE,
            **attributes,
        }
        return Request("POST", "/participant-declarations", given)

    def train(self, action: str, **attributes: str) -> Request:
        """Return the request for a change of training."""
        path = f"/participants/npq/{self.participant}/{action}"
        return Request("PUT", path, {"course_identifier": COURSE, **attributes})


REQUESTS_OF_A_DAY = 26
"""How many it has without lists as CSV."""


def updated(path: str) -> Request:
    """Return the request for the first page of what has changed lately."""
    since = instant(datetime.now(UTC) - LATELY)
    return Request("GET", path, query={**LIST, "filter[updated_since]": since})


def instant(at: datetime) -> str:
    """Write an instant as the API does."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def record_id(answer: httpx.Response) -> str:
    """Return the id of the record in an answer."""
    return str(answer.json()["data"]["id"])


def scraping(address: str) -> Iterator[Day]:
    """Yield the days of a Prometheus, which never end."""

    def day() -> Day:
        yield Request("GET", f"http://{address}/metrics")

    while True:
        yield day()


class Client(Thread):
    """Sends one request after the other, ``every`` so many seconds, until it is told to stop.

    It keeps that distance between any two, so that it never exceeds what it may in five minutes,
    and falls behind where answers take longer. ``surprises`` are answers that were not due, and
    each ends its day.
    """

    def __init__(
        self,
        address: str,
        token: str,
        days: Iterable[Day],
        *,
        delay: float = 0,
        every: float = INTERVAL,
    ) -> None:
        super().__init__()
        self.surprises: list[str] = []
        self._seconds: SimpleQueue[float] = SimpleQueue()
        self._days, self._delay, self._every = days, delay, every
        self._stopped = Event()
        self._http = httpx.Client(
            base_url=f"http://{address}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            # A connection for each request, or the first ones would tie clients to processes.
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=PATIENCE,
            trust_env=False,
        )

    def taken(self) -> list[float]:
        """Return how many seconds each answer took since this was asked before."""
        return [self._seconds.get() for _ in range(self._seconds.qsize())]

    def stop(self) -> None:
        """Let it end with the answer that it waits for."""
        self._stopped.set()

    def run(self) -> None:
        with self._http:
            self._due = time.monotonic() + self._delay
            for day in self._days:
                self._have(day)
                if self._stopped.is_set():
                    return

    def _have(self, day: Day) -> None:
        answer = self._send(next(day))
        while answer is not None:
            try:
                request = day.send(answer)
            except StopIteration:
                return
            answer = self._send(request)

    def _send(self, request: Request) -> httpx.Response | None:
        """Send a request when it is time; return the answer if it is the one that was due."""
        if self._stopped.wait(max(self._due - time.monotonic(), 0)):
            return None
        started = time.monotonic()
        self._due = max(self._due, started) + self._every
        body = None if request.attributes is None else {"data": {"attributes": request.attributes}}
        what = f"{request.method} {request.path}"
        try:
            answer = self._http.request(
                request.method, request.path, json=body, params=request.query
            )
        except httpx.TransportError as error:
            self.surprises.append(f"{what}: {error!r}")
            return None
        self._seconds.put(time.monotonic() - started)
        if answer.status_code == request.due:
            return answer
        self.surprises.append(f"{what}: {answer.status_code} {answer.text[:300]}")
        return None


@contextmanager
def sending(clients: Sequence[Client]) -> Iterator[None]:
    """Let the clients send, and end with them."""
    for client in clients:
        client.start()
    try:
        yield
    finally:
        for client in clients:
            if not client.is_alive():
                client.surprises.append("A client failed, or had nothing left to send.")
            client.stop()
        for client in clients:
            client.join()
