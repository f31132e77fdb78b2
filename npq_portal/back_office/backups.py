"""Backups of the database in use, and a database out of one (rules 17.1, 17.2).

A backup is one file, with the database as it was at the moment the backup began, and its SHA-256
beside it. The checksum is written last: a file without one is not whole.
"""

import hashlib
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import connection


class BackupError(Exception):
    """It could not be done; the message says why."""


def back_up(file: Path) -> None:
    """Write what is in the database into a new ``file``, readable by its owner alone.

    Nobody has to wait meanwhile. Raises BackupError, and OSError where the file can't be written;
    what was written is removed then.
    """
    checksum = _checksum_of(file)
    for path in (file, checksum):
        if path.exists():
            raise BackupError(f"{path} is there already, and nothing is overwritten.")
    if not connection.introspection.table_names():
        raise BackupError("The database is empty. Is DATABASE_URL the right one?")
    file.touch(mode=0o600, exist_ok=False)
    try:
        _dump(file)
        checksum.write_text(f"{_digest(file)}  {file.name}\n")
    except BaseException:
        file.unlink()
        checksum.unlink(missing_ok=True)
        raise


def restore(file: Path) -> None:
    """Load a backup into the database, which has to be empty: all of it or nothing.

    Raises BackupError, and OSError where the file or its checksum can't be read.
    """
    if _digest(file) != _checksum_of(file).read_text().partition(" ")[0]:
        raise BackupError(f"{file} is not what was written: its checksum differs.")
    if connection.introspection.table_names():
        raise BackupError("The database is not empty. Restore into a new one.")
    _load(file)


def _checksum_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _dump(file: Path) -> None:
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(file)) as target, connection.cursor() as cursor:
            cursor.connection.backup(target)
    else:
        _run("pg_dump", "--format=custom", f"--file={file}")


def _load(file: Path) -> None:
    if connection.vendor == "sqlite":
        _load_sqlite(file)
        return
    _run("pg_restore", "--single-transaction", "--no-owner", "--no-privileges", str(file))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # a dump need not have statistics for the planner


def _load_sqlite(file: Path) -> None:
    # Immutable, or SQLite would want to write beside it.
    address = f"{file.resolve().as_uri()}?immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as source, connection.cursor() as cursor:
            source.backup(cursor.connection)
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{file} is no backup of SQLite: {error}.") from None


def _run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the database."""
    # A password is in the environment: everybody on the machine can read arguments.
    psql, environment = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    where, name = psql[1:-1], psql[-1]
    try:
        subprocess.run(  # noqa: S603 - no shell, and arguments of our own
            [program, "--no-password", *where, f"--dbname={name}", *arguments],
            env={**os.environ, **(environment or {})},
            check=True,
        )
    except FileNotFoundError:
        raise BackupError(f"{program} is not installed: it is one of PostgreSQL's.") from None
    except subprocess.CalledProcessError:
        raise BackupError(f"{program} failed, and has said why.") from None
