"""Providers write while everything is killed, cut and stopped (rules 16.5).

CHAOS_SECONDS says for how long, CHAOS_SEED repeats the choices of a run that failed.
"""

import logging
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from tests.chaos.providers import STORIES, Case, Client, Replay, Sent

SECONDS = float(os.environ.get("CHAOS_SECONDS", "30"))
SEED = int(os.environ.get("CHAOS_SEED") or random.randrange(10**6))
APPLICATIONS = int(SECONDS * 20)
CLIENTS_OF_EACH = 2
FAULT_EVERY = (0.5, 2.0)

EFFECTS = """
    SELECT application_id, kind, count(*) FROM participants_applicationevent GROUP BY 1, 2
    UNION ALL
    SELECT application_id, declaration_type, count(*) FROM declarations_declaration GROUP BY 1, 2
    UNION ALL
    SELECT application_id, 'declaration voided', count(*)
    FROM declarations_declaration d JOIN declarations_declarationevent e ON e.declaration_id = d.id
    WHERE to_state = 'voided' GROUP BY 1, 2
    UNION ALL
    SELECT application_id, 'outcome ' || o.state, count(*)
    FROM declarations_declaration d JOIN outcomes_outcome o ON o.declaration_id = d.id GROUP BY 1, 2
    UNION ALL
    SELECT application_id, 'notification', count(*)
    FROM declarations_declaration d JOIN outcomes_outcome o ON o.declaration_id = d.id
    JOIN outcomes_notification n ON n.outcome_id = o.id GROUP BY 1, 2
"""
MESSAGES = """
    SELECT application_id, n.state, a.id
    FROM outcomes_notification n JOIN outcomes_outcome o ON n.outcome_id = o.id
    JOIN declarations_declaration d ON o.declaration_id = d.id
    LEFT JOIN outcomes_notificationattempt a ON a.notification_id = n.id
"""


class Mayhem:
    """What goes wrong, each kind as often as the others, in an order of chance."""

    def __init__(self, portal, chance):
        self.portal, self.chance = portal, chance
        self.happened: Counter[str] = Counter()
        self.server, self.worker = portal.serve(), portal.work()

    def go_on(self, seconds):
        """Let things go wrong for so long, then let all be well."""
        ends, pause = time.monotonic() + seconds, threading.Event()
        faults: list[Callable[[Mayhem], None]] = []
        while time.monotonic() < ends:
            faults = faults or self.chance.sample(self.FAULTS, len(self.FAULTS))
            fault = faults.pop()
            fault(self)
            self.happened[fault.__name__] += 1
            pause.wait(self.chance.uniform(*FAULT_EVERY))
        self.portal.wait_until_ready()

    def kill_a_process_of_the_server(self):
        with suppress(IndexError, ProcessLookupError):
            os.kill(self.chance.choice(self.portal.workers_of(self.server)), signal.SIGKILL)

    def kill_the_server(self):
        self.portal.kill(self.server)
        self.server = self.portal.serve()

    def kill_the_worker(self):
        self.portal.kill(self.worker)
        self.worker = self.portal.work()

    def cut_connections(self):
        with self.portal.sql("postgres") as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = 'npq_portal' AND random() < 0.7"
            )

    def stop_the_database(self):
        self.portal.server.stop_hard()
        self.portal.wait_until_ready(503)
        self.portal.server.start()

    FAULTS = (
        kill_a_process_of_the_server,
        kill_a_process_of_the_server,
        kill_the_server,
        kill_the_worker,
        cut_connections,
        cut_connections,
        stop_the_database,
    )

    def end(self):
        """Stop server and worker in order; what is in flight is finished."""
        for process in (self.server, self.worker):
            process.send_signal(signal.SIGTERM)
            assert process.wait() == 0


def effects(portal):
    with portal.sql() as connection:
        return {(str(it), what): count for it, what, count in connection.execute(EFFECTS)}


def wrong(cases, found, may_be_undone):
    """Return what is not there as often as it should be.

    A step that was acknowledged is there once, whole; another one too, or ``may_be_undone``.
    """
    due: dict[tuple[str, str], Sent] = {}
    for case in cases:
        for sent in case.sent:
            counts = {found.get((case.application, it), 0) for it in sent.step.effects}
            allowed = [{1}] if sent.is_done or not may_be_undone else [{0}, {1}]
            due |= {(case.application, it): sent for it in sent.step.effects}
            if counts not in allowed:
                yield case.application, sent, counts
    ours = {it.application for it in cases}
    yield from ((*it, found[it]) for it in found if it[0] in ours and it not in due)


def send(kind, portal, tokens, cases, chance, stop):
    """Return the started clients of all providers, among whom ``cases`` are divided."""
    clients = [
        kind(portal, token, mine[number::CLIENTS_OF_EACH], random.Random(chance.random()), stop)
        for provider, token in tokens.items()
        for mine in [[it for it in cases if it.provider == provider]]
        for number in range(CLIENTS_OF_EACH)
    ]
    for it in clients:
        it.start()
    return clients


def surprises_of(clients):
    for it in clients:
        it.join()
    return [surprise for it in clients for surprise in it.surprises]


def messages(portal, notify):
    """Return the states of notifications and how many messages went out, by application."""
    states: dict[str, str] = {}
    sent: Counter[str] = Counter()
    references = Counter(notify.references())
    with portal.sql() as connection:
        for application, state, attempt in connection.execute(MESSAGES):
            states[str(application)] = state
            sent[str(application)] += references[str(attempt)]
    return states, sent


def test_what_was_acknowledged_is_there_and_the_rest_once_or_not_at_all(portal, notify, caplog):
    caplog.set_level(logging.WARNING, "httpx")
    print(f"CHAOS_SEED={SEED}")  # noqa: T201 - shown when it fails
    chance = random.Random(SEED)
    prepared = portal.prepare(APPLICATIONS)
    tokens = prepared["tokens"]
    cases = [Case(it, chance.choice(STORIES)) for it in prepared["applications"]]

    mayhem, stop = Mayhem(portal, chance), threading.Event()
    clients = send(Client, portal, tokens, cases, chance, stop)
    mayhem.go_on(SECONDS)
    stop.set()
    assert surprises_of(clients) == []
    mayhem.end()

    begun = [it for it in cases if it.sent]
    requests = [it for case in begun for it in case.sent]
    done = [it for it in requests if it.is_done]
    assert list(wrong(begun, effects(portal), may_be_undone=True)) == []
    assert len(done) > SECONDS
    assert len(done) < len(requests), "Nothing went wrong."

    portal.serve()
    assert surprises_of(send(Replay, portal, tokens, begun, chance, threading.Event())) == []
    assert list(wrong(begun, effects(portal), may_be_undone=False)) == []
    for module in (["tests.chaos.settle"], ["manage", "check_integrity"]):
        code, output = portal.run(*module)
        assert code == 0, output
    states, sent = messages(portal, notify)
    retracted = {it.application for it in begun if "notification" in it.sent[-1].step.effects}
    assert {it: (states[it], sent[it]) for it in retracted} == dict.fromkeys(retracted, ("sent", 1))
    print(  # noqa: T201 - figures of the long form
        f"{len(requests)} requests, {len(done)} done, {sum(len(it.statuses) for it in requests)}"
        f" tries, {len(retracted)} messages, faults: {dict(mayhem.happened)}"
    )
