"""Which schedule a day of acceptance gives (rules 2.4)."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar


class AcceptanceWindow(Protocol):
    """The days on which an acceptance leads to a schedule; None leaves that side open."""

    accepted_from: date | None
    accepted_until: date | None


Window = TypeVar("Window", bound=AcceptanceWindow)


def takes(window: AcceptanceWindow, day: date) -> bool:
    """Return whether ``window`` holds the London ``day``; both of its ends belong to it."""
    return (window.accepted_from is None or window.accepted_from <= day) and (
        window.accepted_until is None or day <= window.accepted_until
    )


def schedules_taking(windows: Iterable[Window], day: date) -> list[Window]:
    """Return those of ``windows`` that hold ``day``; an acceptance needs exactly one."""
    return [window for window in windows if takes(window, day)]
