"""Real servers: gunicorn with several processes, on the database of the test."""

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from django.db import connection


class Server(NamedTuple):
    """Where a server listens, and the file in which it notes which process answered."""

    url: str
    log: str

    def processes(self):
        """Return the process id of each answer so far."""
        with open(self.log) as lines:  # noqa: PTH123
            return lines.read().split()


def exchange(server, request):
    """Return what comes back over one connection on which these bytes are all that is sent."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


def database_url():
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"


@contextmanager
def running(folder, *, processes, log_level="warning", **variables):
    """Serve the portal with so many processes and with these variables in the environment.

    ``log_level`` is gunicorn's own.
    """
    environment = {
        "SECRET_KEY": "known-to-everybody-and-good-for-nothing-but-tests-and-checks",
        "DEBUG": "false",
        "ALLOW_HTTP": "true",
        "NOTIFY_API_KEY": "",
        "LOG_LEVEL": "CRITICAL",
        "PYTHONWARNINGS": "ignore",  # of static files that no test has collected
        "DJANGO_SETTINGS_MODULE": "npq_portal.settings",
        "DATABASE_URL": database_url(),
    }
    log = str(folder / "processes.log")
    # Whoever connects before the processes are there waits in the queue of this socket.
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        options = [
            *("--bind", f"fd://{listening.fileno()}", "--workers", str(processes), "--preload"),
            *("--log-level", log_level, "--access-logfile", log, "--access-logformat", "%(p)s"),
        ]
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options, "npq_portal.wsgi"],
            env=os.environ | environment | variables,
            pass_fds=[listening.fileno()],
        )
        try:
            yield Server(f"http://127.0.0.1:{listening.getsockname()[1]}", log)
        finally:
            server.terminate()
            server.wait()
