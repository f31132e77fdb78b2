"""What commands say of settings that are missing or cannot be read (rules 12.1)."""

import os
import subprocess
import sys

import pytest


def run(*arguments, **variables):
    """Run a command with these variables, and none of the tests' own settings."""
    own = {"SECRET_KEY": "of-this-test-alone", "DJANGO_SETTINGS_MODULE": "npq_portal.settings"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=os.environ | own | variables,
        capture_output=True,
        text=True,
    )


def test_a_missing_secret_key_is_told_in_one_sentence():
    ran = run("check", SECRET_KEY="")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.splitlines() == [
        "SECRET_KEY is not set. Set it to a long random text, in the environment or in .env."
    ]


def test_names_of_hosts_lose_the_blanks_around_them():
    show = "from django.conf import settings; print(settings.ALLOWED_HOSTS)"
    hosts = "a.example, b.example"
    ran = run("shell", "--no-imports", "-c", show, ALLOWED_HOSTS=hosts)
    assert ran.stdout == "['a.example', 'b.example']\n"


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("DATABASE_URL", "portal", "DATABASE_URL is not the URL of a database. "),
        ("DATABASE_URL", "postgres://portal:secret@host:port/name", "DATABASE_URL is not the URL"),
        ("CACHE_URL", "portal", "CACHE_URL is not the URL of a cache. "),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is not a level of logs. Set it to DEBUG, INFO, "),
        ("API_RATE_LIMIT", "many", "API_RATE_LIMIT is not a number. Set it to a whole one."),
        ("DATABASE_LOCK_TIMEOUT", "", "DATABASE_LOCK_TIMEOUT is not a number. "),
    ],
)
def test_a_variable_that_cannot_be_read_is_named_in_one_line(variable, value, told):
    ran = run("check", **{variable: value})
    assert (ran.returncode, ran.stdout) == (1, "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith(told)
    assert "secret" not in line


def test_levels_of_logs_are_read_in_small_letters_too():
    show = "from django.conf import settings; print(settings.LOG_LEVEL)"
    ran = run("shell", "--no-imports", "-c", show, LOG_LEVEL="warning")
    assert ran.stdout == "WARNING\n"
