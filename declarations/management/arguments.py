"""How the commands read their arguments."""

from argparse import ArgumentTypeError
from datetime import date

from npq_portal.clock import parse_day


def day(text: str) -> date:
    """Return the ``YYYY-MM-DD`` day in ``text``."""
    found = parse_day(text)
    if found is None:
        raise ArgumentTypeError(f"{text!r} is not a date; write YYYY-MM-DD.")
    return found
