"""How commands show that they are getting on."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tqdm import tqdm

Watch = Callable[[Sequence[Any]], Iterable[Any]]
"""Passes on what is done one after the other, for whoever waits."""


def progress_bar(what: str, rows: Iterable[Any] | None = None) -> "tqdm[Any]":
    """Return a bar that counts ``what`` on a terminal; without a terminal there is none.

    It passes on ``rows`` where it is given any, else it is told of them.
    """
    return tqdm(rows, unit=f" {what}", disable=None, leave=False)
