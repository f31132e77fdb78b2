"""Whether memory grows or answers take longer in half an hour of providers near their limits.

Run as ``python -m benchmarks.soak [MINUTES]``, by default 30, on Linux. It starts a PostgreSQL of
its own, fills it, and serves it as production does: gunicorn with ``gunicorn.conf.py`` and two
processes, journal, logs, metrics and limits as shipped, and the worker beside it. The clients of
six providers send 95 % of what their tokens may, 19 requests a second together. Each minute is
printed; one before the first is for warming up.

Exits with 1 when

- an answer was not the one that was due, or the clients could not keep their pace;
- a process ended, which ``max_requests`` of gunicorn would have it do;
- something was logged as an error, or a server or worker did not stop in order;
- half or 95 in a hundred of the answers took more than 1.5 times as long in the last third of the
  minutes as in the second sixth;
- the resident memory of a process grew by more than 3 MB from the middle third to the last;
- check_integrity finds something wrong.
"""

import json
import re
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from math import ceil
from pathlib import Path
from subprocess import Popen

from benchmarks.provider_days import (
    INTERVAL,
    LIMIT,
    REQUESTS_OF_A_DAY,
    Applicant,
    Client,
    scraping,
    sending,
)
from benchmarks.watching import HEADING, Memory, Minute, comparisons, ended, memory_of
from tests.chaos.processes import Portal
from tests.outcomes.fake_notify import FakeNotify
from tests.postgresql import DURABLE, running_server

PROVIDERS = 6
APART = (4 + 1 / PROVIDERS) * INTERVAL
"""Seconds that each client is behind the one before, so that no two do the same at once."""

SCRAPED_EVERY = 15
PACE = 0.95
"""The least part of the requests that has to be answered in time."""

SHOWN = 10
"""How many of the answers that were not due, and of the errors logged, are printed."""

LOGGED_ERROR = re.compile(r'\[(ERROR|CRITICAL)\]|"level": "(error|critical)"|^Traceback')
METRICS_TOKEN = secrets.token_urlsafe(32)

CONNECTIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
JOURNAL = "SELECT count(*) FROM back_office_providerrequest"

Processes = dict[str, Popen[bytes]]


def main(minutes: int = 30) -> int:
    """Soak the portal; print each minute, what is compared and what is wrong, and return 1 then."""
    with (
        tempfile.TemporaryDirectory() as folder,
        FakeNotify() as notify,
        running_server(DURABLE) as server,
        Portal(
            server,
            notify.url,
            log := Path(folder) / "processes.log",
            API_RATE_LIMIT=str(LIMIT),
            LOG_LEVEL="INFO",
            METRICS_TOKEN=METRICS_TOKEN,
            METRICS_FOLDER=folder,
            WEB_CONCURRENCY="2",
        ) as portal,
    ):
        clients = make_clients(portal, minutes)
        processes = {"server": portal.serve(), "worker": portal.work()}
        with sending(clients):
            seen = list(watch(portal, processes, clients, minutes + 1))
        print(f"{len(notify.taken):,} messages were sent.")
        wrong = [*judge(seen, clients), *end(portal, processes)]
        errors = filter(LOGGED_ERROR.search, log.read_text().splitlines())
        wrong += islice(errors, SHOWN)
    for each in wrong:
        print(f"WRONG: {each}")
    return 1 if wrong else 0


def make_clients(portal: Portal, minutes: int) -> list[Client]:
    """Fill the database; return each provider's client, with enough to send, and a Prometheus."""
    days = ceil((minutes + 1) * 60 / INTERVAL / REQUESTS_OF_A_DAY) + 1
    code, output = portal.run("benchmarks.soak_records", str(PROVIDERS), str(days))
    if code:
        raise SystemExit(output)
    clients = [
        Client(
            portal.address,
            provider["token"],
            # At most one of them reads CSV on a day.
            (Applicant(*it).day(day) for day, it in enumerate(provider["applications"], number)),
            delay=number * APART,
        )
        for number, provider in enumerate(json.loads(output))
    ]
    scrapes = scraping(portal.address)
    return [*clients, Client(portal.address, METRICS_TOKEN, scrapes, every=SCRAPED_EVERY)]


def watch(
    portal: Portal, processes: Processes, clients: list[Client], minutes: int
) -> Iterator[Minute]:
    """Print and yield what each minute was like, as soon as it is over."""
    print(HEADING)
    begin = time.monotonic()
    for number in range(minutes):
        time.sleep(max(begin + 60 * (number + 1) - time.monotonic(), 0))
        seconds = [it for client in clients for it in client.taken()]
        with portal.sql() as connection:
            (connections,) = connection.execute(CONNECTIONS).fetchone()
            (journal,) = connection.execute(JOURNAL).fetchone()
        minute = Minute(seconds, memory(portal, processes), connections, journal)
        print(f"{number:6} {minute}", flush=True)
        yield minute


def memory(portal: Portal, processes: Processes) -> dict[str, Memory]:
    """Return the memory of the processes, and of those in which gunicorn works."""
    named = {f"{name} {it.pid}": it.pid for name, it in processes.items()}
    named |= {f"process {it}": it for it in portal.workers_of(processes["server"])}
    taken = {name: memory_of(process) for name, process in named.items()}
    return {name: it for name, it in taken.items() if it}


def judge(minutes: Sequence[Minute], clients: Sequence[Client]) -> Iterator[str]:
    """Print what is compared, and yield what is wrong; the first minute was for warming up."""
    yield from (f"The {process} ended." for process in ended(minutes))
    minutes = minutes[1:]
    surprises = [it for client in clients for it in client.surprises]
    sent, due = sum(len(it.seconds) for it in minutes), PROVIDERS * len(minutes) * 60 / INTERVAL
    print(f"{sent:,} requests were answered; {len(surprises):,} answers were not what was due.")
    yield from surprises[:SHOWN]
    if sent < PACE * due:
        yield f"Only {sent:,} requests were answered in time, of {due:,.0f} that were due."
    for comparison in comparisons(minutes):
        print(comparison)
        if not comparison.holds:
            yield f"{comparison}."


def end(portal: Portal, processes: Processes) -> Iterator[str]:
    """Stop the processes in order and check the records; yield what is wrong."""
    for name, process in processes.items():
        process.send_signal(signal.SIGTERM)
        if code := process.wait():
            yield f"The {name} ended with {code}."
    code, output = portal.run("manage", "check_integrity")
    print(f"check_integrity: {output.strip()}")
    if code:
        yield "check_integrity found the above."


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
