"""The database, the server and the worker go away one at a time, and come back (rules 16)."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.chaos.processes import wait_until

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


class Applications:
    """The pending applications of the portal, one at a time; each is decided by its provider."""

    def __init__(self, portal):
        prepared = portal.prepare(20)
        self._portal, self._tokens = portal, prepared["tokens"]
        self._left = prepared["applications"]

    def next(self):
        return self._left.pop()

    def accept(self, application):
        provider, _participant, identifier = application
        return self._portal.ask(
            "POST",
            f"/api/v1/npq-applications/{identifier}/accept",
            headers={"Authorization": f"Bearer {self._tokens[provider]}"},
        )


@pytest.fixture(scope="module")
def applications(portal):
    return Applications(portal)


@pytest.fixture
def serve(portal, applications):
    """Return a function that starts the server, which ends with the test."""
    served = []

    def start(**variables):
        served.append(portal.serve(**variables))
        return served[-1]

    yield start
    for process in served:
        portal.kill(process)


@pytest.fixture
def waiting(portal, applications):
    """A request that waits for a lock: its answer to be, and the connection that holds the lock."""
    application = applications.next()
    with portal.sql() as holder, ThreadPoolExecutor() as threads:
        holder.execute("BEGIN")
        holder.execute(
            "SELECT FROM participants_participant WHERE id = %s FOR UPDATE", [application[1]]
        )

        def ask():
            answer = threads.submit(applications.accept, application)
            with portal.sql() as observer:
                wait_until(
                    lambda: observer.execute(WAITING).fetchone()[0], "the request waits for a lock"
                )
            return answer

        yield ask, holder


def test_while_the_database_is_away_everybody_is_told_and_afterwards_all_goes_on(
    portal, applications, serve, notify
):
    server, worker = serve(), portal.work()
    processes = portal.workers_of(server)
    refused = applications.next()
    portal.server.stop_hard()
    ready = portal.wait_until_ready(503)
    answer, page = applications.accept(refused), portal.ask("GET", "/admin/")
    assert [it.headers["Retry-After"] for it in (ready, answer)] == ["5", "5"]
    assert (answer.status_code, set(answer.json())) == (503, {"error"})
    assert portal.ask("GET", "/health/live").status_code == 200
    assert page.status_code == 302
    code, output = portal.run("manage", "make_payable")
    assert (code, "Traceback" in output) == (1, False)
    assert output.startswith("The database failed; what was not finished is undone: ")

    portal.server.start()
    portal.wait_until_ready()
    assert applications.accept(refused).status_code == 200
    assert portal.workers_of(server) == processes
    sent = len(notify.taken)
    with portal.sql() as connection:
        connection.execute(
            "UPDATE outcomes_notification SET state = 'waiting', due_at = now(), lease = NULL"
            " WHERE state = 'sent'"
        )
    wait_until(lambda: len(notify.taken) > sent, "the worker goes on")
    assert worker.poll() is None


def test_a_server_that_starts_before_its_database_is_ready_once_that_is_there(
    portal, applications, serve
):
    portal.server.stop_hard()
    serve(status=503)
    portal.server.start()
    portal.wait_until_ready()
    assert applications.accept(applications.next()).status_code == 200


def test_told_to_stop_the_server_finishes_what_is_in_flight(portal, serve, waiting):
    server = serve(WEB_CONCURRENCY="2")
    ask, holder = waiting
    answer = ask()
    server.send_signal(signal.SIGTERM)
    wait_until(lambda: len(portal.workers_of(server)) == 1, "the process with no request ends")
    assert not answer.done()
    holder.execute("COMMIT")
    assert answer.result().status_code == 200
    assert server.wait() == 0


def test_a_request_waits_for_a_lock_no_longer_than_it_may(serve, waiting):
    serve(DATABASE_LOCK_TIMEOUT="1")
    ask, _holder = waiting
    answer = ask().result()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_of_a_request_whose_process_is_killed_nothing_is_left(portal, applications, serve, waiting):
    server = serve(WEB_CONCURRENCY="1")
    ask, holder = waiting
    answer = ask()
    (process,) = portal.workers_of(server)
    os.kill(process, signal.SIGKILL)
    assert answer.result() is None
    holder.execute("COMMIT")
    portal.wait_until_ready()
    with portal.sql() as connection:
        wait_until(
            lambda: (
                not connection.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
                ).fetchone()[0]
            ),
            "the server lets go of the dead process's transaction",
        )
