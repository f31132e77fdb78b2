"""A whole academic year, and every number at its end foretold.

Break a rule of the service, and the first request that it answers otherwise, or the first number
at the end that it changes, is told with the seed.
"""

import gc
import logging
import random
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from tests.simulation import counted
from tests.simulation.model import STANDING
from tests.simulation.year import Year
from tests.workers import KILLED, Workers

PARTICIPANTS = 5_000
FEWER = 300

EVERY_STATE = STANDING | {"voided", "awaiting-clawback", "clawed-back"}


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
            check_that_everything_happened(year)
        except Exception as error:
            error.add_note(f"The seed was {seed}, with {participants} participants.")
            raise

    return lived


def compare(expected, found):
    """Hold each number by itself against what is due, so that the first wrong one is told."""
    for name, numbers in expected.items():
        for key in sorted({*numbers, *found[name]}, key=str):
            assert found[name].get(key) == numbers.get(key), f"{name}: {key}"


def check_that_everything_happened(year):
    assert {it.state for it in year.ledger.declarations} == EVERY_STATE
    for request, statuses in year.api.statuses.items():
        assert statuses >= ({200} if request == "statements" else {200, 422}), request


class Killing:
    """Runs commands; those that move money are killed at random steps before they may end."""

    MONEY = ("make_payable", "mark_paid")

    def __init__(self, seed, workers):
        self.chance = random.Random(seed)
        self.workers = workers
        self.killed = 0

    def __call__(self, *command, **streams):
        if command[0] in self.MONEY:
            for _ in range(2):
                code = self.workers.run(
                    *command, at=datetime.now(UTC), dies_at=self.chance.randrange(1, 60)
                )
                assert code in {0, KILLED}
                self.killed += code == KILLED
        call_command(*command, **streams)


@pytest.mark.parametrize("seed", [1])
def test_every_penny_at_the_end_of_a_year_is_foretold(live, seed):
    live(seed, FEWER)


@pytest.mark.parametrize("seed", [2021])
def test_the_same_holds_when_what_moves_money_is_killed_at_any_point(live, seed):
    with Workers(str(connection.settings_dict["NAME"])) as workers:
        killing = Killing(seed, workers)
        live(seed, PARTICIPANTS, run=killing)
    assert killing.killed
