"""What the secret of a token looks like, and how it is kept out of texts (rules 15.7)."""

import re

SECRET_PREFIX = "npq_"  # noqa: S105 - what every token starts with, so that scanners find leaks
SECRET = re.compile(SECRET_PREFIX + r"[\w-]{20,}", re.ASCII)
"""A secret, also when its end is cut off; what is left of a shorter one opens nothing."""


def hide_secrets(text: str) -> str:
    """Return ``text`` with every token's secret in it made unreadable."""
    return SECRET.sub(f"{SECRET_PREFIX}***", text)
