"""Who is one person, kept from changing while somebody decides by it (rules 11.7, 14.2, ADR 20).

Before the first record has a TRN, or an id, there is no row to lock. SQLite needs none of these
locks: there writers come one by one.
"""

from django.db import connection

EVERYBODY = 2
"""The class of the one advisory lock that stands for all people."""

TRN = 1
"""The class of advisory locks that stand for TRNs; nothing else in the database has one."""


def lock_everybody() -> None:
    """Let nobody else add people, correct their details or merge them until commit.

    For an import, which does not know beforehand whom it comes to, and gives more TRNs than the
    database has room for locks. It waits for who has ``keep_imports_out``.
    """
    _lock("pg_advisory_xact_lock", EVERYBODY, 0)


def keep_imports_out() -> None:
    """Let no import begin until commit, while others may keep it out too; wait for one that runs.

    For who changes who is one person, and for who locks several people: an import locks them as
    they come in its file. It is taken before any person.
    """
    _lock("pg_advisory_xact_lock_shared", EVERYBODY, 0)


def lock_trn(number: str) -> None:
    """Let nobody else give a TRN, seven digits, to a record until commit.

    Imports, which give many, are to be kept out before.
    """
    _lock("pg_advisory_xact_lock", TRN, int(number))


def _lock(function: str, kind: int, number: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s, %s)", [kind, number])
