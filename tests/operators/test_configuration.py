"""What commands say of settings that are missing or cannot be read (rules 12.1)."""

import os
import subprocess
import sys

import pytest
from django.db import connection


def run(*arguments, stdout=subprocess.PIPE, **variables):
    """Run a command with these variables, and none of the tests' own settings."""
    own = {"SECRET_KEY": "of-this-test-alone", "DJANGO_SETTINGS_MODULE": "npq_portal.settings"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=os.environ | own | variables,
        stdout=stdout,
        stderr=subprocess.PIPE,
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
        ("DATABASE_URL", "mysql://portal@host/name", "DATABASE_URL is not the URL of a database. "),
        ("DEBUG", "ture", "DEBUG is neither true nor false. "),
        ("LOGIN_FAILURE_LIMIT", "0", "LOGIN_FAILURE_LIMIT is less than 1. "),
        ("NOTIFY_BASE_URL", "notify.example", "NOTIFY_BASE_URL is not an address. "),
        ("NOTIFY_BASE_URL", "http://[notify", "NOTIFY_BASE_URL is not an address. "),
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


def test_a_database_without_its_tables_is_told_in_one_line_and_what_to_do(tmp_path):
    url = {"DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}"}
    if connection.vendor == "postgresql":
        url = {"DATABASE_URL": os.environ["DATABASE_URL"].rpartition("/")[0] + "/postgres"}
    ran = run("list_api_tokens", **url)
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (1, "", 1)


def test_that_nobody_reads_on_is_no_fault():
    nobody, output = os.pipe()
    os.close(nobody)
    ran = run("help", stdout=output)
    os.close(output)
    assert (ran.returncode, ran.stderr) == (1, "")


def test_a_secret_may_begin_with_a_dollar():
    show = "from django.conf import settings; print(settings.SECRET_KEY)"
    assert run("shell", "--no-imports", "-c", show, SECRET_KEY="$HOME").stdout == "$HOME\n"


def test_what_the_server_reads_may_stand_in_the_file_too(tmp_path):
    file = tmp_path / ".env"
    lines = ("SECRET_KEY=of-this-test-alone", "WEB_CONCURRENCY=1", "LIMIT_REQUESTS=false")
    file.write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    show = (
        "import pathlib, runpy, npq_portal.environment as environment;"
        f"environment.FILE = pathlib.Path({str(file)!r});"
        "print(runpy.run_path('gunicorn.conf.py')['workers']);"
        "import npq_portal.wsgi, django.conf; print(django.conf.settings.LIMIT_REQUESTS)"
    )
    unset = {"SECRET_KEY", "WEB_CONCURRENCY", "LIMIT_REQUESTS"}
    variables = {name: value for name, value in os.environ.items() if name not in unset}
    ran = subprocess.run(
        [sys.executable, "-c", show],
        env=variables | {"DJANGO_SETTINGS_MODULE": "npq_portal.settings"},
        capture_output=True,
        text=True,
    )
    assert ran.stdout.split() == ["1", "False"], ran.stderr
