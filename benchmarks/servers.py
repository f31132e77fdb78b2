"""Servers as in production, and what their processes hold in memory. Needs Linux for the latter."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Client

PROCESSES = 2


@dataclass(frozen=True)
class Server:
    """A server on a port of this machine, by the id of the process that leads the others.

    ``started_in`` is how many seconds went by until its first answer.
    """

    port: int
    process_id: int
    started_in: float

    def memory(self, kind: str = "VmRSS") -> float:
        """Return how many MB the largest of the processes that answer holds; VmHWM: ever held."""
        return max(_memory(it, kind) for it in self._workers())

    def forget_peaks(self) -> None:
        """Let VmHWM be what is held now."""
        for it in self._workers():
            Path(f"/proc/{it}/clear_refs").write_text("5")

    def _workers(self) -> list[int]:
        children = Path(f"/proc/{self.process_id}/task/{self.process_id}/children").read_text()
        return [int(it) for it in children.split()]


def _memory(process_id: int, kind: str) -> float:
    found = re.search(rf"{kind}:\s+(\d+) kB", Path(f"/proc/{process_id}/status").read_text())
    if found is None:
        raise SystemExit(f"Process {process_id} says nothing of {kind}.")
    return int(found[1]) / 1024


@contextmanager
def serving(application: str, first: bytes) -> Iterator[Server]:
    """Serve a WSGI application until the end; wait for the answer to a ``first`` request."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    command = ["gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(PROCESSES), application]
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        env=os.environ | {"LOG_LEVEL": "INFO"},  # what is logged takes its time, too
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for_answer(port, first, process)
        yield Server(port, process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait()


def _wait_for_answer(port: int, request: bytes, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            with Client(port) as client:
                answer = client.ask(request)
        except ConnectionError:
            time.sleep(0.01)
            continue
        if answer.status == 200:
            return
        raise SystemExit(f"The server answered {answer.head!r} at first.")
    raise SystemExit(f"The server ended with {process.returncode} before it answered.")
