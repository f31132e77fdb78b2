"""The walk in the README, sent as it is printed and compared with what is printed."""

import json
import re
import shlex
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from string import Template

import pytest
from django.core.management import call_command
from django.utils import timezone

README = Path(__file__).resolve().parents[1] / "README.md"
BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CURL = ArgumentParser()
CURL.add_argument("url")
CURL.add_argument("--request")
CURL.add_argument("--header", action="append")
CURL.add_argument("--data")
CURL.add_argument("--globoff", action="store_true")

# What differs from day to day: instants, days, the cohort around today, ids made by this service.
VARYING = re.compile(
    r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?"
    r"|(?<=\"cohort\": \")\d{4}"
    r"|\b01[0-9a-f]{6}-[0-9a-f]{4}-7[0-9a-f-]{21}"
)


def walk():
    text = README.read_text(encoding="utf-8")
    section = text.partition("## A provider's day with curl")[2].partition("\n## ")[0]
    return BLOCK.findall(section)


def assigned(block):
    return dict(line.split("=", 1) for line in block.splitlines())


def send(client, command, values):
    """Send what the curl line ``command`` sends."""
    words = shlex.split(command.replace("\\\n", " "))
    curl = CURL.parse_args([Template(word).substitute(values) for word in words[1:]])
    headers = dict(header.split(": ", 1) for header in curl.header)
    kind = headers.pop("Content-Type", "text/plain")
    method = curl.request or ("POST" if curl.data else "GET")
    return client.generic(
        method, curl.url, (curl.data or "").encode(), content_type=kind, headers=headers
    )


@pytest.fixture
def values(db):
    """The variables of the shell, with a token that works."""
    call_command("load_reference_data", stderr=StringIO())
    access = StringIO()
    call_command("seed_demo", json=True, stdout=access)
    tokens = json.loads(access.getvalue())["tokens"]
    now = timezone.now()
    return {
        **assigned(walk()[0][1]),
        "API": "/api/v1",
        "TOKEN": tokens["Harbour Teaching School Hub"],
        "NOW": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "TODAY": f"{now:%Y-%m-%d}",
    }


def test_each_request_of_the_walk_is_answered_as_printed(client, values):
    completed, printed = "", walk()[1:]
    commands = [block for kind, block in printed if kind == "sh"]
    answers = iter(block for kind, block in printed if kind == "json")
    for command in commands:
        if not command.startswith("curl"):
            values |= dict.fromkeys(assigned(command), completed)
            continue
        answer = send(client, command, values).json()
        shown = json.dumps(json.loads(next(answers)))
        assert VARYING.sub("…", json.dumps(answer)) == VARYING.sub("…", shown)
        if '"completed"' in command:
            completed = answer["data"]["id"]
    assert next(answers, None) is None
    assert len(commands) == 9
