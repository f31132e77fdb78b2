"""What staff put right about people and applications (rules 14).

Providers can do none of this. Every correction names its member of staff and a reason, and is
refused, with all that stands in its way, where it would break a rule.
"""

from participants.services.corrections.applications import (
    change_course,
    change_funding,
    revert_application,
    siblings_rejected_with,
    transfer_application,
)
from participants.services.corrections.details import correct_details
from participants.services.corrections.merging import merge_participants
from participants.services.corrections.training import (
    defer_enrolment,
    move_enrolment,
    reinstate_enrolment,
    resume_enrolment,
    withdraw_enrolment,
    withdraw_enrolment_again,
)

__all__ = [
    "change_course",
    "change_funding",
    "correct_details",
    "defer_enrolment",
    "merge_participants",
    "move_enrolment",
    "reinstate_enrolment",
    "resume_enrolment",
    "revert_application",
    "siblings_rejected_with",
    "transfer_application",
    "withdraw_enrolment",
    "withdraw_enrolment_again",
]
