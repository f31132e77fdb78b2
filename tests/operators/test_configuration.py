"""What commands say of settings that are missing or cannot be read (rules 12.1)."""

import os
import re
import runpy
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest
from django.core.management import get_commands, load_command_class
from django.db import connection

from npq_portal.environment import Environment

PROJECT = Path(__file__).resolve().parents[2]


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


IN_WORDS = {
    "none: the service does not start without": "",
    "SQLite in `db.sqlite3`": f"sqlite:///{PROJECT / 'db.sqlite3'}",
    "in memory": "locmemcache://",
    "`metrics` beside `manage.py`": str(PROJECT / "metrics"),
    "`true` when served, `false` for commands": False,
}
"""Defaults that the README tells otherwise than by their value."""


def settings_of(**variables):
    """Run the settings with these variables and no ``.env``; return them, and what is asked for.

    That is each variable, with the default that it has.
    """
    asked = {}
    get_value = Environment.get_value

    def note(self, var, cast=None, default=None, parse_default=False):
        asked[var] = default
        return get_value(self, var, cast, default, parse_default)

    with (
        mock.patch.dict(os.environ, variables, clear=True),
        mock.patch.object(Environment, "read_env"),
        mock.patch.object(Environment, "get_value", note),
    ):
        return runpy.run_path(str(PROJECT / "npq_portal" / "settings.py")), asked


def as_written(default):
    if default in ("", []):
        return "empty"
    if isinstance(default, list):
        return ",".join(default)
    return str(default).lower() if str(default) in ("True", "False") else str(default)


def defaults_in_readme():
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("## Configuration")[2].partition("\n## ")[0]
    for name, cell in re.findall(r"^\| `(\w+)` \| (.*?) \|", table, re.MULTILINE):
        value = re.match(r"`([^`]*)`", cell)
        written = value[1] if value else cell.partition(":")[0]
        yield name, as_written(IN_WORDS[cell]) if cell in IN_WORDS else written


def test_the_readme_lists_every_variable_with_its_default():
    _settings, asked = settings_of(SECRET_KEY="of-this-test-alone")
    with mock.patch.dict(os.environ, clear=True), mock.patch.object(Environment, "read_env"):
        server = runpy.run_path(str(PROJECT / "gunicorn.conf.py"))
    asked |= {"WEB_CONCURRENCY": server["workers"], "WEB_THREADS": server["threads"]}
    asked = {name: as_written(default) for name, default in asked.items()}
    assert dict(defaults_in_readme()) == asked


def test_debug_is_off_unless_set_and_plain_http_with_it():
    for variables, is_on in (({}, False), ({"DEBUG": "true"}, True)):
        settings, _asked = settings_of(SECRET_KEY="of-this-test-alone", **variables)
        assert settings["DEBUG"] is is_on
        assert settings["SECURE_SSL_REDIRECT"] is not is_on


@pytest.fixture
def run_script():
    """The script of ``make run``, which has not begun."""
    loader = SourceFileLoader("run", str(PROJECT / "bin" / "run"))
    module = ModuleType("run")
    module.__file__ = loader.path
    loader.exec_module(module)
    return module


def test_make_run_writes_settings_for_every_command_once(run_script, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / ".env"
    keys = set()
    for _ in range(2):
        run_script.write_env()
        written = dict(line.split("=", 1) for line in file.read_text().splitlines())
        assert written.keys() == {"DEBUG", "SECRET_KEY"}
        assert settings_of(**written)[0]["DEBUG"] is True
        assert len(written["SECRET_KEY"]) >= 50
        assert file.stat().st_mode & 0o777 == 0o600
        keys.add(written["SECRET_KEY"])
        file.unlink()
    assert len(keys) == 2
    assert "/.env" in (PROJECT / ".gitignore").read_text().splitlines()


def test_make_run_leaves_settings_that_are_there(run_script, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("SECRET_KEY=mine\n")
    run_script.write_env()
    assert (tmp_path / ".env").read_text() == "SECRET_KEY=mine\n"


OWN_COMMANDS = sorted(
    name for name, app in get_commands().items() if (PROJECT / app.replace(".", "/")).is_dir()
)


@pytest.mark.parametrize(
    "arguments",
    [
        *((name, "--nothing-of-the-kind") for name in OWN_COMMANDS),
        ("create_api_token",),
        ("create_api_token", "North", "--expires", "tomorrow"),
        ("import_applications",),
        ("make_payable", "--as-of", "tomorrow"),
        ("mark_paid",),
        ("open_statement", "--cohort", "2021"),
        ("prune_requests", "--days", "many"),
    ],
    ids=" ".join,
)
def test_a_command_that_is_called_wrongly_exits_with_2(arguments, capsys):
    command = load_command_class(get_commands()[arguments[0]], arguments[0])
    with pytest.raises(SystemExit) as ended:
        command.run_from_argv(["manage.py", *arguments])
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: ")
