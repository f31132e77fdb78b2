"""What the audit of the packages does with what a service answers, or with none."""

import json
import re
from importlib.machinery import SourceFileLoader
from pathlib import Path
from subprocess import CompletedProcess
from types import ModuleType
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parent.parent
HARMLESS = {"name": "a", "version": "1", "vulns": []}
VULNERABLE = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}


NOT_RESOLVED = """Traceback (most recent call last):
urllib3.exceptions.MaxRetryError: HTTPSConnectionPool(host='service.example', port=443)

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "adapters.py", line 729, in send
    raise ConnectionError(e, request=request)
requests.exceptions.ConnectionError: HTTPSConnectionPool(host='service.example', port=443)
"""
NO_CONNECTION = {
    "the name is not known": NOT_RESOLVED,
    "nobody answers": "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed\n",
    "the answer does not come": "requests.exceptions.ReadTimeout: Read timed out.\n",
    "the proxy refuses": "requests.exceptions.ProxyError: Cannot connect to proxy.\n",
}
BROKEN = {
    "it says nothing": "",
    "an option that is none": "pip-audit: error: unrecognized arguments: --disable-pip\n",
    "an import that fails": "ModuleNotFoundError: No module named 'pip_audit'\n",
    "an answer that is an error": (
        "requests.exceptions.HTTPError: 500 Server Error\npip_audit.ServiceError\n"
    ),
    "a package that is not pinned": "ERROR:pip_audit._cli:requirement a is not pinned\n",
    "a certificate that is not trusted": "requests.exceptions.SSLError: verify failed\n",
}


class Service:
    """What a service knows of the packages that are asked for, and what pip-audit says of it.

    The first time it is asked about one that is vulnerable: ``knows`` says whether it knows that.
    """

    def __init__(self, *, error="", first_error="", knows=True, report=None):
        self.knows, self.report = knows, report
        self.error, self.first_error = error, error or first_error


@pytest.fixture
def script(monkeypatch):
    """Return the script, with a pip-audit that asks ``script.services``, by their names."""
    loader = SourceFileLoader("audit", str(PROJECT / "bin" / "audit"))
    module: Any = ModuleType("audit")
    module.__file__ = loader.path
    loader.exec_module(module)
    module.services = {it: Service(error=NOT_RESOLVED) for it in module.SERVICES}

    def run(command, **_options):
        service = module.services[command[command.index("--vulnerability-service") + 1]]
        (file, *_others) = [it for it in command if it.startswith("--requirement=")]
        report, error = service.report, service.error
        if Path(file.partition("=")[2]).read_text() == module.KNOWN_TO_BE_VULNERABLE:
            report, error = [VULNERABLE if service.knows else HARMLESS], service.first_error
        if report is not None and not error:
            document = json.dumps({"dependencies": report})
            Path(command[command.index("--output") + 1]).write_text(document)
        return CompletedProcess(command, 1, stdout="", stderr=error)

    monkeypatch.setattr(module.subprocess, "run", run)
    return module


@pytest.mark.parametrize("error", NO_CONNECTION.values(), ids=NO_CONNECTION)
def test_without_a_service_it_says_loudly_that_nothing_was_looked_up(script, capsys, error):
    script.services = {it: Service(error=error) for it in script.SERVICES}
    assert script.main() == 0
    assert "NOT AUDITED" in capsys.readouterr().err


@pytest.mark.parametrize("error", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("when", ["error", "first_error"])
def test_it_fails_and_says_why_when_pip_audit_itself_is_broken(script, capsys, error, when):
    # No error at all, and no report either, is the strangest of them.
    script.services["pypi"] = Service(**{when: error or "\n"})
    assert script.main() == 1
    said = capsys.readouterr().err
    assert "The audit itself failed" in said
    assert error in said
    assert "NOT AUDITED" not in said


def test_a_mirror_that_knows_no_vulnerabilities_does_not_count(script, capsys):
    script.services["pypi"] = Service(knows=False, report=[HARMLESS])
    assert script.main() == 0
    assert "NOT AUDITED" in capsys.readouterr().err


@pytest.mark.parametrize("service", ["pypi", "osv"])
def test_it_fails_on_a_vulnerable_package_whichever_service_says_so(script, capsys, service):
    script.services[service] = Service(report=[HARMLESS, VULNERABLE])
    assert script.main() == 1
    assert "b 2" in (said := capsys.readouterr().out)
    assert "PYSEC-1" in said
    assert "2 packages were looked up; 1 are known to be vulnerable." in said


def test_it_passes_where_nothing_is_known(script, capsys):
    script.services["pypi"] = Service(report=[HARMLESS])
    assert script.main() == 0
    assert "0 are known" in capsys.readouterr().out


def test_a_network_that_goes_away_meanwhile_is_none(script, capsys):
    script.services["pypi"] = Service(error=NOT_RESOLVED)
    script.services["pypi"].first_error = ""
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
