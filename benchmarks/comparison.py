"""The service beside its floor, on the same records: what is measured and printed of both."""

import json
import statistics
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from benchmarks import questions
from benchmarks.load import Client, Figures, Load, count_lines, request
from benchmarks.many_records import LARGEST
from benchmarks.servers import Server, serving

ROUNDS = 3
SECONDS = 3.0
COPIES = 40
LISTS = {"participants": questions.PARTICIPANTS, "declarations": questions.DECLARATIONS}

Measure = Callable[[Server], Figures]


@contextmanager
def comparing(*, keep_alive: bool) -> Iterator["Comparison"]:
    """Serve both, for clients that keep their connections alive or open one for each request."""
    ask = partial(request, token=LARGEST, keep_alive=keep_alive)
    first = ask(questions.page(questions.PARTICIPANTS, 1))
    with (
        serving("npq_portal.wsgi", first) as service,
        serving("benchmarks.floor", first) as floor,
        Load() as load,
    ):
        yield Comparison(service, floor, load, ask)


@dataclass
class Comparison:
    """Both servers, the clients, and what makes a request of a path and perhaps a body."""

    service: Server
    floor: Server
    load: Load
    ask: Callable[..., bytes]

    def tell_start(self) -> None:
        """Print how soon the service answers, and what one of its processes then holds."""
        print(f"start to first answer: {self.service.started_in:.1f} s")
        print(f"memory of a worker: {self.service.memory():.0f} MB")

    def tell_export(self) -> None:
        """Print how fast all declarations come as CSV, and by how much a worker grows."""
        export = request(questions.EXPORT, LARGEST, http="1.0")
        self.service.forget_peaks()
        before = self.service.memory()
        ours, least = (
            [count_lines(server.port, export) for _round in range(ROUNDS)]
            for server in (self.service, self.floor)
        )
        rows = {lines - 1 for lines, _seconds in ours + least}
        if len(rows) > 1:
            raise SystemExit(f"The CSV has {' or '.join(map(str, rows))} rows.")
        rate, possible = (
            statistics.median(lines / seconds for lines, seconds in runs) for runs in (ours, least)
        )
        grown = self.service.memory("VmHWM") - before
        print(
            f"CSV of {rows.pop():,} declarations: {rate:,.0f} rows/s, {rate / possible:.3f} of the"
            f" floor's {possible:,.0f}; a worker grew by {grown:.1f} MB"
        )

    def tell_walks(self) -> None:
        """Print how the pages of each list are followed to the end."""
        for name, path in LISTS.items():
            walk = questions.walk(self.service.port, path, 100)
            print(
                f"{name} by Link: {walk.rows:,} on {walk.pages:,} pages of {walk.average:.1f} ms;"
                f" first {walk.first:.1f} ms, last {walk.last:.1f} ms: {walk.last / walk.first:.2f}"
            )

    def tell_nothing_new(self) -> None:
        """Print how long the database looks for what is new where nothing is."""
        for name, path in LISTS.items():
            print(f"{name}, nothing new: {questions.nothing_new(path):.2f} ms in the database")

    def tell_rates(self) -> None:
        """Print what both answer to several clients at once, asked in turn."""
        measures = self._reading() | self._writing()
        rounds = [
            {name: (of(self.service), of(self.floor)) for name, of in measures.items()}
            for _round in range(ROUNDS)
        ]
        print(f"{'':34}requests/s       ms      p99    floor's       ms    share")
        for name in measures:
            ours, least = map(_middle, zip(*(it[name] for it in rounds), strict=True))
            print(
                f"{name:34}{ours.rate:10,.1f}{ours.middle:9,.1f}{ours.slow:9,.1f}"
                f"{least.rate:11,.1f}{least.middle:9,.1f}{ours.rate / least.rate:9.3f}"
            )

    def _reading(self) -> dict[str, Measure]:
        requests = {name: self.ask(path) for name, path in questions.pages_by_number().items()}
        for name, it in requests.items():
            self._check_alike(name, it)
        return {name: partial(self._read, it) for name, it in requests.items()}

    def _check_alike(self, name: str, request: bytes) -> None:
        """Warm both up, and exit when one of them does not do what the other does."""
        answers = []
        for server in (self.service, self.floor):
            self.load.measure(server.port, [request], SECONDS / 10, again=True)
            with Client(server.port) as client:
                answers.append(json.loads(client.ask(request).body))
        if answers[0] != answers[1]:
            raise SystemExit(f"{name}: the floor answers something else than the service.")

    def _read(self, request: bytes, server: Server) -> Figures:
        return self.load.measure(server.port, [request], SECONDS, again=True)

    def _writing(self) -> dict[str, Measure]:
        undeclared = questions.Undeclared()
        requests = [self.ask(questions.DECLARATIONS, body=it) for it in undeclared.bodies]

        def declare(server: Server) -> Figures:
            undeclared.forget()
            return self.load.measure(server.port, requests, SECONDS, again=False)

        def copy(server: Server) -> Figures:
            undeclared.forget()
            self.load.measure(server.port, requests[:COPIES], SECONDS, again=False)
            return self.load.measure(server.port, requests[:COPIES], SECONDS, again=True)

        return {"declarations posted": declare, "exact copies posted": copy}


def _middle(runs: Iterable[Figures]) -> Figures:
    return Figures(*map(statistics.median, zip(*runs, strict=True)))
