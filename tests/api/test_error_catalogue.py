import re
from pathlib import Path

from npq_portal.errors import ErrorCode

CATALOGUE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"


def test_every_code_is_documented_and_no_other():
    words = set(re.findall(r"`([a-z-]+)`", CATALOGUE.read_text())) - {"errors", "code", "detail"}
    assert words == {code.value for code in ErrorCode}
