"""Commands on outcomes and notifications (rules 9).

The worker takes ``send_next`` from ``sending``: with it comes the client of GOV.UK Notify, which no
server's process needs.
"""

from outcomes.services.corrections import (
    record_outcome_for_provider,
    retract_outcome_by_staff,
)
from outcomes.services.listing import relist_outcomes
from outcomes.services.recording import record_first_outcome, record_outcome, retract_outcome
from outcomes.services.resending import send_again

__all__ = [
    "record_first_outcome",
    "record_outcome",
    "record_outcome_for_provider",
    "relist_outcomes",
    "retract_outcome",
    "retract_outcome_by_staff",
    "send_again",
]
