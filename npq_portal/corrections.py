"""What every correction by staff begins with, and how it is kept (rules 14.1)."""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import Model

from npq_portal.errors import ErrorCode, Refusals
from npq_portal.history import Actor

LONGEST_REASON = 2000
NOT_STAFF = "Only staff make corrections."


def check_reason(reason: str, by: Actor, refusals: Refusals) -> str:
    """Return the ``reason`` without blanks around it; note when it is missing or too long.

    Raises ValueError unless ``by`` is a member of staff: nobody else corrects anything.
    """
    if by.staff_id is None:
        raise ValueError(NOT_STAFF)
    reason = reason.strip()
    if not reason:
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
