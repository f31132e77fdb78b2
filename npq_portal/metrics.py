"""Counters of this machine's processes together, as Prometheus reads them (rules 18.4)."""

import fcntl
import itertools
import os
from pathlib import Path
from threading import Lock
from typing import IO

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.values import MultiProcessValue

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""The bounds of the histogram."""


class Seat:
    """A number that no other living process has, and that the next one has after this.

    So there are no more files than processes at one time, however often they are started anew,
    and counters go on where they were. The lock ends with its process, whatever ends that.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: int | None = None
        self.number = 0
        self.lock: IO[bytes] | None = None

    def __call__(self) -> int:
        if self.process != os.getpid():  # the first time, or after a fork
            self.lock, self.number = self._take()
            self.process = os.getpid()
        return self.number

    def _take(self) -> tuple[IO[bytes], int]:
        for number in itertools.count():
            lock = (self.folder / f"{number}.lock").open("wb")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
            else:
                return lock, number
        raise AssertionError("There is always another number.")


class Meters:
    """What this process counts, in files of its own below ``folder``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        values.ValueClass = MultiProcessValue(Seat(folder))
        self.requests = Counter(
            "npq_requests",
            "Requests answered, by the pattern of their path and the class of their status.",
            ("route", "method", "status"),
            registry=None,
        )
        self.queries = Counter(
            "npq_request_queries",
            "Database queries of requests.",
            ("route", "method"),
            registry=None,
        )
        self.seconds = Histogram(
            "npq_request_duration_seconds",
            "From when a request came until its answer was handed over.",
            ("route", "method"),
            buckets=SECONDS,
            registry=None,
        )

    def registry(self) -> CollectorRegistry:
        """Return a registry that reads what all processes have counted."""
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(self.folder))
        return registry


_known: dict[Path, Meters] = {}
_lock = Lock()


def meters() -> Meters:
    """Return the meters of this process."""
    with _lock:
        folder: Path = settings.METRICS_FOLDER
        if folder not in _known:
            _known[folder] = Meters(folder)
        return _known[folder]


def count_request(
    *, method: str, route: str | None, status: int, seconds: float, queries: int
) -> None:
    """Count a request that was answered, where metrics are configured."""
    if not settings.METRICS_TOKEN:
        return
    here = meters()
    labels = {"route": route or "none", "method": method}
    here.requests.labels(**labels, status=f"{status // 100}xx").inc()
    here.queries.labels(**labels).inc(queries)
    here.seconds.labels(**labels).observe(seconds)
