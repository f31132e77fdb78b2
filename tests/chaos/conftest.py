"""Real processes and a PostgreSQL of their own, for what only a run on PostgreSQL is about."""

import pytest
from django.db import connection

from tests.chaos.processes import Portal
from tests.outcomes.fake_notify import FakeNotify
from tests.postgresql import DURABLE, running_server

collect_ignore_glob = [] if connection.vendor == "postgresql" else ["test_*.py"]


@pytest.fixture(scope="module")
def notify():
    with FakeNotify() as fake:
        yield fake


@pytest.fixture(scope="module")
def portal(notify, tmp_path_factory):
    """A portal whose processes are to be started; whatever is left of them ends with it."""
    log = tmp_path_factory.mktemp("portal") / "processes.log"
    with running_server(DURABLE) as server, Portal(server, notify.url, log) as portal:
        yield portal
