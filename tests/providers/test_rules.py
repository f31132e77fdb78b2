"""How several processes count one caller's requests together (rules 15.2)."""

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from npq_portal.providers.rules import (
    SLICES,
    TRY_AGAIN,
    WINDOW,
    Claim,
    Demand,
    Ledger,
    Window,
    claim,
    slice_of,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


class Shared:
    """The window in the database, without one; it can be kept from being written to."""

    def __init__(self):
        self.window = Window(ends_at=NOW)
        self.is_locked = False
        self.claims = 0

    def claim(self, demand):
        if self.is_locked:
            return None
        self.claims += 1
        self.window, claimed = claim(self.window, demand)
        return claimed


class Processes:
    """Processes that answer one caller."""

    def __init__(self, number, limit):
        self.limit = limit
        self.shared = Shared()
        self.ledgers = [Ledger() for _ in range(number)]

    def ask(self, process, at=NOW):
        return self.ledgers[process].take(limit=self.limit, at=at, claim=self.shared.claim)

    def passing(self, order, at=NOW):
        return sum(self.ask(process, at).passes for process in order)

    def ask_all_until_refused(self, at=NOW):
        return self.passing(list(range(len(self.ledgers))) * (self.limit + 1), at)


@pytest.mark.parametrize("unclaimed", range(2 * SLICES + 2))
def test_a_slice_is_a_share_of_what_is_left_and_no_more_than_was_used(unclaimed):
    for used in range(5):
        share = {0: 1, 1: 1, 2: 2}[unclaimed // SLICES]
        assert slice_of(unclaimed, used) == min(unclaimed, max(1, min(used, share)))
    assert slice_of(unclaimed, 10**6) <= max(unclaimed / SLICES, 1)


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_exactly_the_limit_passes_in_whichever_order_the_processes_are_asked(limit, number):
    for order in itertools.product(range(number), repeat=5):
        assert Processes(number, limit).passing(order) == limit


@given(some.integers(1, 300), some.lists(some.integers(0, 3), max_size=400))
def test_never_more_than_the_limit_passes_and_all_of_it_in_the_end(limit, order):
    processes = Processes(4, limit)
    passed = processes.passing(order)
    assert passed <= min(limit, len(order))
    assert processes.shared.window.claimed <= limit
    assert passed + processes.ask_all_until_refused() == limit
    assert processes.passing(range(4)) == 0


@given(some.integers(1, 5000), some.lists(some.integers(0, 3), max_size=200))
def test_who_is_refused_early_lacks_no_more_than_what_the_others_hold(limit, order):
    processes = Processes(4, limit)
    passed = processes.passing(order)
    passed += processes.passing([0] * (limit + 1))
    assert limit - passed <= 3 * (limit // SLICES)


@given(
    some.integers(1, 100),
    some.lists(some.tuples(some.integers(0, 2), some.integers(0, 200)), max_size=300),
)
def test_in_no_window_more_than_the_limit_passes(limit, steps):
    processes, at, passed = Processes(3, limit), NOW, Counter[datetime]()
    for process, seconds in steps:
        at += timedelta(seconds=seconds)
        if processes.ask(process, at).passes:
            ends_at = processes.shared.window.ends_at
            assert at < ends_at <= at + WINDOW
            passed[ends_at] += 1
    assert all(count <= limit for count in passed.values())


def test_a_window_opens_with_its_first_request_and_ends_five_minutes_later():
    processes = Processes(2, 10)
    assert processes.ask_all_until_refused() == 10
    assert processes.passing([0, 1], NOW + WINDOW - MOMENT) == 0
    later = NOW + WINDOW + timedelta(seconds=90)
    assert processes.ask(1, later).seconds == 300
    assert processes.ask_all_until_refused(later) == 9
    assert processes.passing([0, 1], later + WINDOW - MOMENT) == 0
    assert processes.passing([0], later + WINDOW) == 1


def test_what_a_process_still_holds_of_a_window_ends_with_it():
    processes = Processes(2, 1000)
    processes.passing([0] * 40)
    later = NOW + WINDOW
    assert processes.passing([1] * 2000, later) == 1000
    assert processes.passing([0] * 50, later) == 0


def test_standing_says_what_is_left_and_for_how_long():
    processes = Processes(1, 3)
    told = [
        processes.ask(0, NOW + timedelta(seconds=seconds)) for seconds in (0, 0.5, 299.5, 299.5)
    ]
    assert [(it.passes, it.remaining, it.seconds) for it in told] == [
        (True, 2, 300),
        (True, 1, 300),
        (True, 0, 1),
        (False, 0, 1),
    ]


def test_few_requests_take_few_claims_and_refused_ones_none():
    processes = Processes(1, 1000)
    processes.passing([0] * 100)
    assert processes.shared.claims <= 12
    processes.passing([0] * 900)
    assert processes.shared.claims <= 240
    before = processes.shared.claims
    assert processes.passing([0] * 1000) == 0
    assert processes.shared.claims == before


@given(some.lists(some.tuples(some.integers(0, 2), some.integers(0, 1)), max_size=200))
def test_a_window_that_cannot_be_written_lets_each_process_pass_the_limit_at_most(steps):
    processes, passed = Processes(3, 20), [0, 0, 0]
    for process, is_locked in steps:
        processes.shared.is_locked = bool(is_locked)
        passed[process] += processes.ask(process).passes
    assert all(count <= 20 for count in passed)


def test_what_passed_uncounted_is_paid_for_by_the_next_claim():
    processes = Processes(2, 20)
    processes.shared.is_locked = True
    told = [processes.ask(0) for _ in range(15)]
    assert all(it.passes for it in told)
    assert [it.remaining for it in told] == list(range(19, 4, -1))
    processes.shared.is_locked = False
    assert processes.ask(0, NOW + TRY_AGAIN - MOMENT).passes
    assert processes.shared.claims == 0
    at = NOW + TRY_AGAIN
    assert (processes.ask(0, at).passes, processes.shared.window.claimed) == (True, 17)
    assert processes.ask_all_until_refused(at) == 3


def test_no_more_pass_uncounted_than_were_left_when_it_was_last_known():
    processes = Processes(2, 20)
    processes.passing([0, 1] * 5)
    processes.shared.is_locked = True
    assert processes.passing([0] * 30) == 11
    processes.shared.is_locked = False
    assert processes.ask_all_until_refused(NOW + TRY_AGAIN) == 0


def test_more_is_never_owed_than_the_limit():
    window, claimed = claim(Window(NOW), Demand(limit=5, used=9, owed=9, at=NOW))
    assert (window.claimed, claimed) == (5, Claim(NOW + WINDOW, granted=0, unclaimed=0))


def test_a_lower_limit_grants_nothing_of_a_window_that_is_past_it():
    window = Window(NOW + WINDOW, claimed=50)
    assert claim(window, Demand(limit=20, used=0, owed=0, at=NOW)) == (
        window,
        Claim(NOW + WINDOW, granted=0, unclaimed=0),
    )


@pytest.mark.parametrize(
    ("put_back", "passed"), [(WINDOW, 0), (WINDOW + MOMENT, 10), (timedelta(days=365), 10)]
)
def test_a_clock_that_is_put_back_far_opens_a_new_window(put_back, passed):
    processes = Processes(2, 10)
    processes.ask_all_until_refused()
    assert processes.ask_all_until_refused(NOW - put_back) == passed
