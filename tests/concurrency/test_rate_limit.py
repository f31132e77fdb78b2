"""Several processes count together, and counting keeps nobody waiting (rules 15.2, 15.3)."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import httpx
import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from npq_portal.providers import counting
from npq_portal.providers.models import ApiToken, LeadProvider, RequestCount
from npq_portal.providers.patience import unless_locked
from npq_portal.providers.rules import SLICES, TRY_AGAIN
from tests.concurrency.servers import running
from tests.factories.providers import LONG_AGO, LeadProviderFactory

PROCESSES = 3
LIMIT = 4 * SLICES
PATH = "/api/v1/npq-applications"


@pytest.fixture
def token(token_of):
    return token_of(LeadProviderFactory.create())


def test_real_processes_hammered_at_once_never_let_more_than_the_limit_pass(token, tmp_path):
    with running(tmp_path, processes=PROCESSES, API_RATE_LIMIT=str(LIMIT)) as server:

        def ask(_number):
            # A connection each, so that they spread over the processes.
            return httpx.get(
                server.url + PATH,
                headers={"Authorization": f"Bearer {token}"},
                timeout=60,
                trust_env=False,
            ).status_code

        with ThreadPoolExecutor(8) as threads:
            told = Counter(threads.map(ask, range(2 * LIMIT)))
    held = (PROCESSES - 1) * (LIMIT // SLICES)
    assert LIMIT - held <= told[200] <= LIMIT
    assert told[200] + told[429] == 2 * LIMIT
    assert len(set(server.processes())) == PROCESSES
    assert RequestCount.objects.get().claimed == LIMIT


@contextmanager
def somebody_writing_for_long():
    """Keep a transaction open that has written: on SQLite nobody else can, until it ends."""
    has_written, may_end = threading.Event(), threading.Event()

    def write():
        try:
            with transaction.atomic():
                LeadProvider.objects.create(name="Slow", created_at=LONG_AGO)
                has_written.set()
                may_end.wait()
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    has_written.wait()
    try:
        yield
    finally:
        may_end.set()
        writer.join()


@pytest.fixture
def read(client, token, monkeypatch):
    """Return a function that reads, with little patience for whoever writes."""
    monkeypatch.setattr(counting, "PATIENCE", 10)
    return partial(client.get, PATH, headers={"authorization": f"Bearer {token}"})


def test_who_writes_for_long_keeps_nobody_from_reading(read, settings):
    settings.API_RATE_LIMIT = 10
    with somebody_writing_for_long():
        told = [read() for _ in range(12)]
    assert [it.status_code for it in told] == [200] * 10 + [429] * 2
    assert [it["RateLimit"][:11] for it in told[:2]] == ['"token";r=9', '"token";r=8']


def test_what_was_read_meanwhile_counts_afterwards(read, settings):
    settings.API_RATE_LIMIT = 10
    start = timezone.now()
    with time_machine.travel(start, tick=False), somebody_writing_for_long():
        assert [read().status_code for _ in range(5)] == [200] * 5
    with time_machine.travel(start + TRY_AGAIN, tick=False):
        assert [read().status_code for _ in range(6)] == [200] * 5 + [429]


def test_the_last_use_of_a_token_is_noted_once_nobody_writes_for_long(read):
    with somebody_writing_for_long():
        assert read().status_code == 200
    assert read().status_code == 200
    assert ApiToken.objects.get().last_used_at is not None


def test_the_usual_patience_returns(transactional_db):
    """What waits for a lock is asked of either database by a name of its own."""
    setting = {"sqlite": "PRAGMA busy_timeout", "postgresql": "SHOW lock_timeout"}

    def usual():
        with connection.cursor() as cursor:
            cursor.execute(setting[connection.vendor])
            return cursor.fetchone()

    before = usual()
    assert unless_locked(lambda: "written", milliseconds=10) == "written"
    assert usual() == before
