"""How fast the API answers a large provider, beside the least that its database allows.

Run as ``python -m benchmarks.speed [DECLARATIONS] [--close]``, by default with 60,000 declarations,
of which a third are the provider's: it starts a PostgreSQL of its own, makes the records, and
removes it all in the end. The service and its floor (benchmarks.floor) are served in the same way
and asked in turn, in three rounds of which the middle one counts. Clients, servers and PostgreSQL
share the machine. ``--close`` opens a new connection for each request.
"""

from argparse import ArgumentParser

from benchmarks.portal import set_up
from tests.postgresql import DURABLE, running_server

ROOM = f"{DURABLE} -c shared_buffers=1GB -c max_wal_size=4GB"


def main(declarations: int, *, keep_alive: bool) -> None:
    """Make the records and print what was measured among them."""
    with running_server(ROOM) as database:
        set_up(
            database,
            PGHOST=str(database.folder),
            PGUSER="postgres",
            PGDATABASE="npq_portal",
            API_RATE_LIMIT="1000000000",  # counted, and never reached
        )
        from benchmarks.comparison import comparing
        from benchmarks.many_records import DECLARATIONS_EACH, make_records

        make_records(round(declarations / DECLARATIONS_EACH), print)
        with comparing(keep_alive=keep_alive) as comparison:
            comparison.tell_start()
            comparison.tell_export()
            comparison.tell_walks()
            comparison.tell_nothing_new()
            comparison.tell_rates()


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m benchmarks.speed")
    parser.add_argument("declarations", metavar="DECLARATIONS", nargs="?", type=int, default=60_000)
    parser.add_argument("--close", action="store_true", help="a connection for each request")
    options = parser.parse_args()
    main(options.declarations, keep_alive=not options.close)
