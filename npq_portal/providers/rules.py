"""How many requests a caller may send, counted by several processes together (rules 15.2).

A caller's window is shared: it says how many requests the processes have claimed. A process claims
a slice of them at a time and counts these down by itself, in a ledger.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=5)
SLICES = 50
"""A slice is at most what is left of the limit, divided by this."""

TRY_AGAIN = timedelta(seconds=5)
"""How long a process that could not claim lets requests through before it asks again."""


def is_open(ends_at: datetime, at: datetime) -> bool:
    """Say whether a request at the instant ``at`` belongs to the window that ends at ``ends_at``.

    One that ends far in the future was opened by a clock that has been put back since.
    """
    return at < ends_at <= at + 2 * WINDOW


@dataclass(frozen=True, slots=True)
class Window:
    """The requests that all processes together have claimed until the instant ``ends_at``."""

    ends_at: datetime
    claimed: int = 0


@dataclass(frozen=True, slots=True)
class Demand:
    """What a process asks for at an instant: it let ``used`` pass, ``owed`` of them uncounted."""

    limit: int
    used: int
    owed: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """What a process got: ``granted`` requests until ``ends_at``, leaving ``unclaimed``."""

    ends_at: datetime
    granted: int
    unclaimed: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands after a request: whether it passes, what is left, and for how long."""

    passes: bool
    limit: int
    remaining: int
    seconds: int


def slice_of(unclaimed: int, used: int) -> int:
    """Return how many of the ``unclaimed`` requests a process claims that let ``used`` pass.

    Not more than it let pass already, so that a process which hears little of a caller ties little
    up; and the fewer, the nearer the limit is: in the end one by one.
    """
    return min(unclaimed, max(1, min(used, unclaimed // SLICES)))


def claim(window: Window, demand: Demand) -> tuple[Window, Claim]:
    """Return the window after a demand, and what was granted.

    A window that has ended opens anew. What is claimed of it never exceeds the limit.
    """
    if not is_open(window.ends_at, demand.at):
        window = Window(ends_at=demand.at + WINDOW)
    unclaimed = max(demand.limit - window.claimed - demand.owed, 0)
    granted = slice_of(unclaimed, demand.used)
    left = unclaimed - granted
    claimed = max(demand.limit - left, window.claimed)
    return Window(window.ends_at, claimed), Claim(window.ends_at, granted, left)


class Ledger:
    """What one process holds of one caller's window.

    Where it cannot claim, requests pass on credit, as far as it knows of unclaimed ones. They are
    owed: the next claim pays for them.
    """

    _ends_at: datetime | None = None

    def _begin(self, limit: int, at: datetime) -> None:
        self._ends_at = at + WINDOW
        self._unclaimed = limit  # for all that is known
        self._held = self._used = self._owed = 0
        self._credit_ends_at = at

    def take(
        self, *, limit: int, at: datetime, claim: Callable[[Demand], Claim | None]
    ) -> Standing:
        """Count a request at the instant ``at`` and return how its caller stands.

        ``claim`` is called where nothing is held; it returns None where it cannot tell.
        """
        if self._ends_at is None or not is_open(self._ends_at, at):
            self._begin(limit, at)
        if not self._held and self._unclaimed and at >= self._credit_ends_at:
            self._receive(claim(Demand(limit, self._used, self._owed, at)), at)
        passes = self._spend(at)
        left = max(self._held + self._unclaimed - self._owed, 0)
        assert self._ends_at is not None  # noqa: S101 - it began
        return Standing(passes, limit, left, math.ceil((self._ends_at - at).total_seconds()))

    def _receive(self, got: Claim | None, at: datetime) -> None:
        if got is None:
            self._credit_ends_at = at + TRY_AGAIN
            return
        self._ends_at, self._held, self._unclaimed = got.ends_at, got.granted, got.unclaimed
        self._owed = 0

    def _spend(self, at: datetime) -> bool:
        if self._held:
            self._held -= 1
        elif at < self._credit_ends_at and self._owed < self._unclaimed:
            self._owed += 1
        else:
            return False
        self._used += 1
        return True
