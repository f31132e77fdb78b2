"""Workers that die: real processes of commands and requests, killed at a chosen step.

A step is anything that others could notice: each statement, each commit and each request; a worker
dies just before it. One process imports everything once and forks a worker for each order that it
reads.
"""

import json
import os
import signal
import subprocess
import sys
from importlib import import_module
from unittest.mock import patch

from tests.outcomes.fake_notify import API_KEY, TEMPLATE_ID

KILLED = -signal.SIGKILL


class Workers:
    """The process that forks workers, seen from the tests."""

    def __init__(self, database, notify_url):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.workers", database, notify_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *command, at, dies_at=None):
        """Let a worker run a command at an instant; return its exit code when it has ended.

        The command ``request`` handles one: a method, a path, a body of JSON and a token.

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


def main(database, notify_url):
    """Fork a worker for each line of standard input, and answer its exit code."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.conf import settings
    from django.core.management import get_commands, load_command_class
    from django.db import connection
    from django.template.loader import render_to_string

    django.setup()
    # Once, for all workers to come.
    for module in ("time_machine", "django.test", settings.ROOT_URLCONF):
        import_module(module)
    for name in ("send_notifications", "make_payable", "mark_paid"):
        load_command_class(get_commands()[name], name)
    render_to_string("outcomes/pass_retracted.txt")
    settings.NOTIFY_API_KEY, settings.NOTIFY_TEMPLATE_ID = API_KEY, TEMPLATE_ID
    settings.NOTIFY_BASE_URL = notify_url
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
    step = count_steps(connection, dies_at)
    with time_machine.travel(at, tick=False):
        handle_request(*command[1:]) if command[0] == "request" else call_command(*command)
    step()
    os._exit(0)


def handle_request(method, path, body, token):
    from django.test import Client

    headers = {"authorization": f"Bearer {token}"}
    Client(SERVER_NAME="localhost").generic(
        method, path, body, content_type="application/json", headers=headers
    )


def count_steps(connection, dies_at):
    """Have every step counted; return the function that takes one."""
    from django.db.backends.base.base import BaseDatabaseWrapper
    from requests import Session

    number = 0

    def step():
        nonlocal number
        number += 1
        if number == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(function):
        def stepped(*args, **kwargs):
            step()
            return function(*args, **kwargs)

        return stepped

    def execute(execute, *args):
        return before(execute)(*args)

    def request(session, *args, **kwargs):
        session.headers["X-Worker"] = str(os.getpid())
        return send(session, *args, **kwargs)

    send = before(Session.request)
    patch.object(Session, "request", request).start()
    patch.object(BaseDatabaseWrapper, "commit", before(BaseDatabaseWrapper.commit)).start()
    connection.execute_wrappers.append(execute)
    return step


if __name__ == "__main__":
    main(*sys.argv[1:])
