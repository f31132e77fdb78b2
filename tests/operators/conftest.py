import os
import subprocess
import sys
from uuid import uuid4

import pytest
from django.db import connection


def url_of(database):
    """Return the URL of a database of the server that the tests use."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{database}"
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{database}"


@pytest.fixture
def manage():
    """Return a function that runs a command in a process of its own, on a chosen database."""

    def run(database, *command):
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, command)],
            env=os.environ | {"DATABASE_URL": url_of(database)},
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture
def empty_database(tmp_path, transactional_db):
    """The name of another database, with nothing in it."""
    if connection.vendor == "sqlite":
        yield tmp_path / "another.sqlite3"
        return
    name = f"another_{uuid4().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        yield name
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
