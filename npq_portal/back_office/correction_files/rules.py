"""When a file of corrections can be confirmed and discarded (rules 14.16)."""

from dataclasses import dataclass

from npq_portal.errors import BASE, ErrorCode, Refusal

CHECKING = "checking"
CHECKED = "checked"

MOST_AT_ONCE = 100
"""The most rows that can be all or nothing: they are one transaction within one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """What is asked of a file: its state, and how many of its rows are ready and refused."""

    state: str
    is_all_or_nothing: bool
    ready: int
    refused: int


def refusal_of_size(rows: int, *, is_all_or_nothing: bool) -> Refusal | None:
    """Return why a file with so many ``rows`` can't be all or nothing."""
    if not is_all_or_nothing or rows <= MOST_AT_ONCE:
        return None
    return Refusal(
        "is_all_or_nothing",
        ErrorCode.INVALID,
        f"At most {MOST_AT_ONCE} rows can be all or nothing, and the file has {rows:,}.",
    )


def refusal_to_confirm(file: CheckedFile) -> Refusal | None:
    """Return why a file can't be confirmed."""
    if file.state == CHECKING:
        return Refusal(BASE, ErrorCode.INVALID, "The file is still being checked.")
    if file.state != CHECKED:
        return _confirmed_already()
    if not file.ready:
        return Refusal(BASE, ErrorCode.INVALID, "No row can be carried out.")
    if file.is_all_or_nothing and file.refused:
        return Refusal(
            BASE,
            ErrorCode.INVALID,
            "The file is all or nothing, and not every row can be carried out. Put right what is"
            " refused, and upload the file again.",
        )
    return None


def refusal_to_discard(state: str) -> Refusal | None:
    """Return why a file can't be discarded."""
    return None if state in {CHECKING, CHECKED} else _confirmed_already()


def _confirmed_already() -> Refusal:
    return Refusal(BASE, ErrorCode.CHANGED_MEANWHILE, "The file has been confirmed already.")
