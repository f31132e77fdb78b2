"""What the audit of the packages does with what a service answers, or with none."""

import json
import re
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parent.parent
HARMLESS = {"name": "a", "version": "1", "vulns": []}
VULNERABLE = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}


@pytest.fixture
def script(monkeypatch):
    """Return the script, with no network, and with a pip-audit that reports ``script.report``."""
    loader = SourceFileLoader("audit", str(PROJECT / "bin" / "audit"))
    module: Any = ModuleType("audit")
    module.__file__ = loader.path
    loader.exec_module(module)
    module.up, module.report, module.asked = set(), None, []

    def run(command, **_options):
        module.asked.append(command[command.index("--vulnerability-service") + 1])
        if module.report is not None:
            document = json.dumps({"dependencies": module.report})
            Path(command[command.index("--output") + 1]).write_text(document)
        else:
            module.up -= module.goes_away

    monkeypatch.setattr(module, "answers", lambda service: service in module.up)
    monkeypatch.setattr(module.subprocess, "run", run)
    module.goes_away = set()
    return module


def test_without_a_service_it_says_loudly_that_nothing_was_looked_up(script, capsys):
    assert script.main() == 0
    assert "NOT AUDITED" in capsys.readouterr().err
    assert script.asked == []


@pytest.mark.parametrize("service", ["pypi", "osv"])
def test_it_fails_on_a_vulnerable_package_whichever_service_says_so(script, capsys, service):
    script.up, script.report = {service}, [HARMLESS, VULNERABLE]
    assert script.main() == 1
    assert script.asked == [service]
    assert "b 2" in (said := capsys.readouterr().out)
    assert "PYSEC-1" in said
    assert "2 packages were looked up; 1 are known to be vulnerable." in said


def test_it_passes_where_nothing_is_known(script, capsys):
    script.up, script.report = {"pypi"}, [HARMLESS]
    assert script.main() == 0
    assert "0 are known" in capsys.readouterr().out


def test_it_fails_where_a_package_cannot_be_looked_up_though_the_service_answers(script):
    script.up = {"pypi"}
    assert script.main() == 1


def test_a_network_that_goes_away_meanwhile_is_none(script, capsys):
    script.up = script.goes_away = {"pypi"}
    assert script.main() == 0
    assert "NOT AUDITED" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_with_hashes(name):
    entries = re.split(r"\n(?=[a-z0-9])", (PROJECT / name).read_text().strip())
    packages = [it for it in entries if not it.startswith("#")]
    assert len(packages) > 20
    for package in packages:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+ ", package), package
        assert "--hash=sha256:" in package
