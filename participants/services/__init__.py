"""Commands on applications and on the training of their participants (rules 6 and 7)."""

from participants.services.applications import accept_application, reject_application
from participants.services.training import (
    change_schedule,
    defer_participant,
    resume_participant,
    withdraw_participant,
)

__all__ = [
    "accept_application",
    "change_schedule",
    "defer_participant",
    "reject_application",
    "resume_participant",
    "withdraw_participant",
]
