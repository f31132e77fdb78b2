"""What every correction by staff begins with, and how it is kept (rules 14.1)."""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import Model

from npq_portal.errors import ErrorCode, Refusals
from npq_portal.history import Actor

LONGEST_REASON = 2000
NOT_STAFF = "Only staff make corrections."


FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
"""What Unicode counts as letters, though nothing is seen of them."""


def clean_reason(reason: str) -> str:
    """Return a ``reason`` as it is kept: without blanks around it, each line break one character.

    Browsers send two for one.
    """
    return reason.replace("\r\n", "\n").strip()


def check_reason(reason: str, by: Actor, refusals: Refusals) -> str:
    """Return the ``reason`` as it is kept; note when it says nothing or too much.

    Raises ValueError unless ``by`` is a member of staff: nobody else corrects anything.
    """
    if by.staff_id is None:
        raise ValueError(NOT_STAFF)
    reason = clean_reason(reason)
    if not any(it.isalnum() and it not in FILLERS for it in reason):
        refusals.add("reason", ErrorCode.MISSING, "Say why, for those who look at this later.")
    check_length(reason, refusals)
    return reason


def check_length(reason: str, refusals: Refusals) -> None:
    """Note when a ``reason``, of whatever is done, is too long."""
    if len(reason) > LONGEST_REASON:
        refusals.add(
            "reason", ErrorCode.INVALID, f"A reason has at most {LONGEST_REASON} characters."
        )


def sign_version(row: Model, *, reason: str, by: Actor, at: datetime) -> None:
    """Let the version that is kept of ``row`` when it is next saved or deleted say who, when, why.

    For rows whose versions simple-history keeps (rules 1.4). Raises ValueError as above.
    """
    if by.staff_id is None:
        raise ValueError(NOT_STAFF)
    vars(row).update(
        _change_reason=reason,
        _history_user=get_user_model().objects.get(pk=by.staff_id),
        _history_date=at,
    )
