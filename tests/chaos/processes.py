"""The portal as it is run: gunicorn, a worker and PostgreSQL, each to be killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psycopg

from tests.outcomes.fake_notify import API_KEY, TEMPLATE_ID

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 120
"""Seconds after which something that should have happened is taken not to happen any more."""


def wait_until(holds, what):
    """Return what ``holds`` does once that is true; fail when it never is."""
    deadline = time.monotonic() + PATIENCE
    while not (value := holds()):
        assert time.monotonic() < deadline, f"Waited in vain until {what}."
        time.sleep(0.02)
    return value


class Portal:
    """The processes of a portal on one machine, which write what they log to ``log``.

    ``variables`` are of the environment, and go before what is set here.
    """

    def __init__(self, server, notify_url, log, **variables):
        self.server = server
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self._environment = os.environ | {
            "DATABASE_URL": server.url,
            "DJANGO_SETTINGS_MODULE": "npq_portal.settings",
            "SECRET_KEY": "for-this-run-alone",
            "DEBUG": "false",
            "ALLOW_HTTP": "true",
            "LOG_LEVEL": "WARNING",
            "API_RATE_LIMIT": "1000000",  # counted, and never reached
            "NO_PROXY": "127.0.0.1",
            "NOTIFY_API_KEY": API_KEY,
            "NOTIFY_TEMPLATE_ID": TEMPLATE_ID,
            "NOTIFY_BASE_URL": notify_url,
            **variables,
        }
        self._log = log.open("ab")
        self._running = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self._running:
            self.kill(process)
        self._log.close()

    @contextmanager
    def sql(self, database="npq_portal"):
        """Open a connection of the operator's, without transactions."""
        with psycopg.connect(
            host=str(self.server.folder), user="postgres", dbname=database, autocommit=True
        ) as connection:
            yield connection

    def run(self, *module):
        """Run a module to its end; return its exit code and what it wrote, errors included."""
        done = subprocess.run(
            [sys.executable, "-m", *module],
            cwd=PROJECT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    def prepare(self, people):
        """Fill the database; return the providers' tokens and the applications of ``people``."""
        code, output = self.run("tests.chaos.prepare", str(people))
        assert code == 0, output
        return json.loads(output)

    def serve(self, status=200, **variables):
        """Start gunicorn; return its process once the probe answers ``status``."""
        process = self._start("gunicorn", "--bind", self.address, **variables)
        self.wait_until_ready(status)
        return process

    def work(self):
        """Start a worker that sends notifications; return its process."""
        return self._start("manage", "send_notifications")

    def _start(self, *module, **variables):
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=PROJECT,
            env=self._environment | variables,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self._running.append(process)
        return process

    def kill(self, process):
        """Kill a process with all that it started, as ``kill -9`` does."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def workers_of(self, process):
        """Return the ids of the processes that gunicorn lets work at this moment."""
        found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True)
        return [int(line) for line in found.stdout.split()]

    def ask(self, method, path, **more):
        """Return the answer to a request, None without one."""
        url = f"http://{self.address}{path}"
        with suppress(httpx.TransportError):
            return httpx.request(method, url, timeout=PATIENCE, trust_env=False, **more)
        return None

    def wait_until_ready(self, status=200):
        """Wait until the probe answers ``status``, and return the answer."""

        def probe():
            answer = self.ask("GET", "/health/ready")
            return answer if answer is not None and answer.status_code == status else None

        return wait_until(probe, f"the probe answers {status}")
