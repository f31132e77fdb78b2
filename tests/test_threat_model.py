"""The threat model names tests that there are."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def test_every_test_that_it_names_exists():
    named = re.findall(
        r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (PROJECT / "docs/threat-model.md").read_text()
    )
    assert len(named) > 40
    missing = [
        (path, name)
        for path, name in named
        if f"def {name}(" not in (PROJECT / path).read_text() and name
    ]
    assert missing == []
    assert all((PROJECT / path).is_file() for path, _name in named)
