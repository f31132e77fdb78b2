"""A whole academic year, and every number at its end foretold.

Break a rule of the service, and the first request that it answers otherwise, or the first number
at the end that it changes, is told with the seed.
"""

import gc
import logging
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import connection

from declarations.models import DeclarationEvent
from tests.outcomes.fake_notify import FakeNotify
from tests.simulation import counted
from tests.simulation.year import Year
from tests.workers import KILLED, Workers

PARTICIPANTS = 5_000
FEWER = 500

STEPS = {
    *(("", it) for it in ("submitted", "eligible", "ineligible")),
    *((it, "ineligible") for it in ("submitted", "eligible", "payable")),
    *((it, "voided") for it in ("submitted", "eligible", "payable", "ineligible")),
    ("eligible", "eligible"),  # taken on after waiting
    ("eligible", "payable"),
    ("payable", "paid"),
    ("paid", "awaiting-clawback"),
    ("awaiting-clawback", "awaiting-clawback"),
    ("awaiting-clawback", "clawed-back"),
}
"""Every step of a declaration that providers, deadlines and payments can cause (rules 8.10)."""


@pytest.fixture
def clock(transactional_db):
    with time_machine.travel(datetime(2021, 10, 1, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def swift():
    """Spare thousands of requests what nobody looks at: log lines, and a third of the time."""
    logging.disable(logging.WARNING)
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 10, 10)
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    logging.disable(logging.NOTSET)


@pytest.fixture
def live(clock, swift, tmp_path):
    """Return a function that lets a seeded year happen and holds its end against the ledger."""

    def lived(seed, participants, **options):
        year = Year(seed, participants, folder=tmp_path, clock=clock, **options)
        try:
            year.live()
            compare(year.ledger.totals(), counted.totals(year.api))
            call_command("check_integrity")
        except Exception as error:
            error.add_note(f"The seed was {seed}, with {participants} participants.")
            raise
        return year

    return lived


def compare(expected, found):
    """Hold each number by itself against what is due, so that the first wrong one is told."""
    for name, numbers in expected.items():
        for key in sorted({*numbers, *found[name]}, key=str):
            assert found[name].get(key) == numbers.get(key), f"{name}: {key}"


def check_that_everything_happened(year):
    """Check that the year was rich enough to show what it is to show."""
    steps = DeclarationEvent.objects.order_by().values_list("from_state", "to_state").distinct()
    assert set(steps) == STEPS
    assert year.ledger.notifications
    for request, statuses in year.api.statuses.items():
        assert statuses >= ({200} if request == "statements" else {200, 422}), request


class Killing:
    """Runs commands; those that move money or send are killed at random steps before they may end.

    The others, and payments that were made already, run as they would otherwise.
    """

    DEATHS = {"make_payable": 2, "mark_paid": 2, "send_notifications": 10}
    A_LEASE = timedelta(minutes=2)

    def __init__(self, seed, workers):
        self.chance = random.Random(seed)
        self.workers = workers
        self.killed: Counter[str] = Counter()

    def __call__(self, *command, **streams):
        at = datetime.now(UTC)
        for _ in range(self.DEATHS.get(command[0], 0)):
            code = self.workers.run(*command, at=at, dies_at=self.chance.randrange(1, 60))
            assert code in {0, KILLED}
            self.killed[command[0]] += code == KILLED
        if command[0] == "send_notifications":
            assert self.workers.run(*command, at=at + self.A_LEASE) == 0
        else:
            call_command(*command, **streams)


@pytest.mark.parametrize("seed", [1])
def test_every_penny_at_the_end_of_a_year_is_foretold(live, seed):
    year = live(seed, FEWER)
    assert len(mail.outbox) == year.ledger.notifications


@pytest.mark.parametrize("seed", [2021])
def test_the_same_holds_whatever_is_killed(live, seed, monkeypatch):
    """Kill what moves money or sends: through the whole year on the database that production has.

    The other one, where fewer do the same, makes everything as slow again and shows nothing new.
    """
    participants = PARTICIPANTS if connection.vendor == "postgresql" else FEWER
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    database = str(connection.settings_dict["NAME"])
    with FakeNotify() as notify, Workers(database, notify.url) as workers:
        killing = Killing(seed, workers)
        year = live(seed, participants, run=killing)
    assert set(+killing.killed) == set(Killing.DEATHS)
    assert len(set(notify.references())) == len(notify.taken) == year.ledger.notifications
    if participants == PARTICIPANTS:
        check_that_everything_happened(year)
