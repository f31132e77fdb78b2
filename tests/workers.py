"""Commands that die: real processes of ``manage.py``, killed at a chosen step.

A step is anything that others could notice: before and after each statement and each commit. One
process imports everything once and forks a worker for each order that it reads.
"""

import json
import os
import signal
import subprocess
import sys

KILLED = -signal.SIGKILL


class Workers:
    """The process that forks workers, seen from the tests."""

    def __init__(self, database):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.workers", database],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *command, at, dies_at=None):
        """Let a worker run a command at an instant; return its exit code when it has ended.

        It is killed at the step with the number ``dies_at``, if it gets that far.
        """
        self._process.stdin.write(json.dumps([command, at.isoformat(), dies_at]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.communicate()
        assert self._process.returncode == 0


def main(database):
    """Fork a worker for each line of standard input, and answer its exit code."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.db import connection

    django.setup()
    connection.settings_dict["NAME"] = database
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(*json.loads(line))
        _child, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def work(command, at, dies_at):
    import time_machine
    from django.core.management import call_command
    from django.db import connection

    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
    count_steps(connection, dies_at)
    with time_machine.travel(at, tick=False):
        call_command(*command)
    os._exit(0)


def count_steps(connection, dies_at):
    from django.db.backends.base.base import BaseDatabaseWrapper

    number = 0

    def step():
        nonlocal number
        number += 1
        if number == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(function):
        def stepped(*args, **kwargs):
            step()
            result = function(*args, **kwargs)
            step()
            return result

        return stepped

    def execute(execute, *args):
        return around(execute)(*args)

    setattr(BaseDatabaseWrapper, "commit", around(BaseDatabaseWrapper.commit))  # noqa: B010
    connection.execute_wrappers.append(execute)


if __name__ == "__main__":
    main(*sys.argv[1:])
