import os

from django.db import connection


def test_the_suite_runs_on_the_database_that_was_asked_for():
    scheme = os.environ.get("DATABASE_URL", "sqlite:").partition(":")[0]
    vendor = "postgresql" if scheme.startswith("postgres") else "sqlite"
    assert connection.vendor == vendor
