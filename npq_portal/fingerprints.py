"""What is the same while all that somebody looked at is the same."""

import hashlib
import json
from typing import Any


def fingerprint(content: Any) -> str:
    """Return the fingerprint of what JSON can hold; the order in a mapping does not matter."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
