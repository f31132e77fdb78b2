"""What ``COPY . .`` lets into the image, which no test builds, and how compose.yaml stops it."""

import runpy
from pathlib import Path

import yaml
from django.apps import apps

PROJECT = Path(__file__).resolve().parents[1]


def test_every_app_goes_into_the_image_and_what_is_not_named_stays_out():
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    everything, *others = [it for it in lines if not it.startswith("#")]
    let_in = {it.removeprefix("!").rstrip("/") for it in others if it.startswith("!")}
    rooms = {it.name.partition(".")[0] for it in apps.get_app_configs()}
    assert everything == "*"
    assert {it for it in rooms if (PROJECT / it).is_dir()} <= let_in
    assert let_in >= {"manage.py", "requirements.txt"}
    assert not {it for it in let_in if it.startswith((".", "tests")) or it.endswith(".env")}


def test_compose_kills_the_server_only_after_requests_had_time_to_finish():
    services = yaml.safe_load((PROJECT / "compose.yaml").read_text())["services"]
    server = runpy.run_path(str(PROJECT / "gunicorn.conf.py"))
    patience = services["web"]["stop_grace_period"]
    assert int(patience.removesuffix("s")) > server["graceful_timeout"]
