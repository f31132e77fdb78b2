"""How requests are counted: in this process, and in the database for all of them (rules 15.2)."""

from datetime import datetime
from functools import partial
from threading import Lock
from typing import NamedTuple

from django.db import transaction

from npq_portal.providers.models import RequestCount
from npq_portal.providers.patience import unless_locked
from npq_portal.providers.rules import Claim, Demand, Ledger, Standing, Window, claim, is_open

KNOWN_CALLERS = 10_000
"""For how many callers a process keeps a ledger; the oldest goes, with what it held."""

PRUNED_AT_ONCE = 10

PATIENCE = 2_000
"""How many milliseconds a request waits to be counted where somebody writes for long."""


class _Desk(NamedTuple):
    """A ledger, and the lock of whoever writes in it."""

    ledger: Ledger
    lock: Lock


class Counter:
    """Counts the requests that one process answers."""

    def __init__(self) -> None:
        self._desks: dict[str, _Desk] = {}
        self._lock = Lock()

    def take(self, *, caller: str, limit: int, at: datetime) -> Standing:
        """Count a request of ``caller`` at the instant ``at`` and return how the caller stands.

        Raises OperationalError when the database does not answer.
        """
        desk = self._desk(caller)
        with desk.lock:
            return desk.ledger.take(limit=limit, at=at, claim=partial(_claim, caller))

    def _desk(self, caller: str) -> _Desk:
        with self._lock:
            if caller not in self._desks and len(self._desks) >= KNOWN_CALLERS:
                del self._desks[next(iter(self._desks))]
            return self._desks.setdefault(caller, _Desk(Ledger(), Lock()))


def _claim(caller: str, demand: Demand) -> Claim | None:
    claiming = partial(claim_requests, caller=caller, demand=demand)
    return unless_locked(claiming, milliseconds=PATIENCE)


@transaction.atomic
def claim_requests(*, caller: str, demand: Demand) -> Claim:
    """Claim a slice of the requests that ``caller`` may still send, one process after the other.

    Whoever opens a window removes a few that have ended, and so the table stays as small as the
    number of callers in a window.
    """
    row, _created = RequestCount.objects.select_for_update().get_or_create(
        caller=caller, defaults={"ends_at": demand.at}
    )
    before = Window(row.ends_at, row.claimed)
    after, claimed = claim(before, demand)
    row.ends_at, row.claimed = after.ends_at, after.claimed
    row.save(update_fields=["ends_at", "claimed"])
    if not is_open(before.ends_at, demand.at):
        _prune(demand.at)
    return claimed


def _prune(at: datetime) -> None:
    ended = RequestCount.objects.select_for_update(skip_locked=True).filter(ends_at__lte=at)
    keys = [row.pk for row in ended.order_by("ends_at")[:PRUNED_AT_ONCE]]
    RequestCount.objects.filter(pk__in=keys).delete()
