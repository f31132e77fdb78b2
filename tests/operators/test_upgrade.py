"""What migrations make of records that were there before them."""

import pytest

FILLED = {
    "outcomes": "0002_notification_queue",
    "declarations": "0006_corrections",
    "participants": "0004_corrections",
}
"""Apps whose later migrations fill what they add, and where each stood before."""


@pytest.fixture
def done(empty_database, manage):
    """Return a function that runs a command on an empty database, and sees that it succeeds."""

    def run(*command):
        result = manage(empty_database, *command)
        assert result.returncode == 0, result.stdout + result.stderr

    return run


def test_lists_that_migrations_fill_are_those_that_services_keep(done):
    done("migrate")
    done("load_reference_data")
    done("seed_demo")
    for app, migration in FILLED.items():
        done("migrate", app, migration)
    done("migrate")
    done("check_integrity")
