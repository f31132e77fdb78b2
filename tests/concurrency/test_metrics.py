"""Several processes count together, and their successors go on (rules 18.4)."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.concurrency.servers import running

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSES = 3
REQUESTS = 60
TOKEN = "t" * 32


def get(url, **headers):
    return httpx.get(url, headers=headers, timeout=60, trust_env=False)


def counted(server):
    answer = get(f"{server.url}/metrics", Authorization=f"Bearer {TOKEN}")
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            if sample.name == "npq_requests_total" and sample.labels.get("route") == "/health/live":
                return sample.value
    return 0


def test_whichever_process_is_asked_tells_of_all_before_and_after_a_restart(tmp_path):
    folder = tmp_path / "metrics"
    variables = {"METRICS_TOKEN": TOKEN, "METRICS_FOLDER": str(folder)}
    for total in (REQUESTS, 2 * REQUESTS):
        with running(tmp_path, processes=PROCESSES, **variables) as server:
            with ThreadPoolExecutor(8) as threads:
                list(threads.map(get, [f"{server.url}/health/live"] * REQUESTS))
            assert len(set(server.processes())) > 1
            assert {counted(server) for _ in range(6)} == {total}
    assert 2 <= len(list(folder.glob("counter_*.db"))) <= PROCESSES + 1  # one of the first
