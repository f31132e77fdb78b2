"""How many queries and how long the pages of the back office take among very many records.

Run as ``python -m benchmarks.back_office [PARTICIPANTS]``, by default with 500,000 and more than
four declarations for each: it starts a PostgreSQL of its own, makes the records in some minutes,
and removes it all in the end. Exits with 1 when a page took longer than a second, the fastest of
three times counting.
"""

import sys
import time
from collections.abc import Iterable

from benchmarks.portal import set_up
from tests.postgresql import running_server

LONGEST = 1.0
TIMES = 3


def main(participants: int = 500_000) -> int:
    """Make the records, print what each page took, and return 1 if one took too long."""
    with running_server() as server:
        set_up(server)
        from benchmarks.many_records import make_records
        from benchmarks.pages import pages

        make_records(participants, print)
        slow = _measure(pages())
    for name in slow:
        print(f"too slow: {name}", file=sys.stderr)
    return 1 if slow else 0


def _measure(pages: Iterable[tuple[str, str, dict[str, str]]]) -> list[str]:
    """Ask for each page, by name, path and query; print what it took and return the slow ones."""
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.create_superuser("bench"))
    slow = []
    print("queries  seconds  page")
    for name, path, query in pages:
        seconds = []
        for _ in range(TIMES):
            started = time.perf_counter()
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(path, query)
            seconds.append(time.perf_counter() - started)
        if answer.status_code not in {200, 302}:
            raise SystemExit(f"{name} was answered with {answer.status_code}.")
        print(f"{len(captured):7}  {min(seconds):7.3f}  {name}", flush=True)
        if min(seconds) > LONGEST:
            slow.append(name)
    return slow


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
