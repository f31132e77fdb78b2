"""A believable set of records to try the service with (rules 11.8).

``dates`` places a cohort around today, ``stories`` says what can happen to a participant,
``events`` lets it happen through the services, at the instants at which it would have,
``notifications`` lets messages go to participants, and ``access`` gives out tokens and staff
log-ins.
"""

from datetime import datetime
from typing import TypedDict

from django.db import transaction

from npq_portal.back_office.demo.access import StaffAccess, renew_staff, renew_tokens
from npq_portal.back_office.demo.dates import DemoDates
from npq_portal.back_office.demo.events import seed
from npq_portal.back_office.demo.notifications import let_messages_go
from npq_portal.clock import london_day
from npq_portal.errors import BASE, ErrorCode, Refusal, Refused
from npq_portal.history import Actor
from npq_portal.progress import Watch
from npq_portal.providers.models import LeadProvider

__all__ = ["PROVIDERS", "Access", "seed_demo"]

PROVIDERS = ("Harbour Teaching School Hub", "Moorland Learning Trust", "Riverside Leadership")
BY = Actor(command="seed_demo")


class Access(TypedDict):
    """How to get in: a token for each provider, a log-in for each role of staff."""

    tokens: dict[str, str]
    staff: dict[str, StaffAccess]


@transaction.atomic
def seed_demo(*, participants: int, at: datetime, watch: Watch = iter) -> Access:
    """Fill an empty database as of ``at`` (UTC), once, and return how to get in.

    Makes ``participants``, or as many as it takes to show every state. Where it has been before it
    adds no records; earlier tokens and passwords end. ``watch`` passes on the events that happen,
    for whoever waits. Raises Refused where there is a lead provider that it did not make.
    """
    known = set(LeadProvider.objects.values_list("name", flat=True))
    strange = sorted(known - set(PROVIDERS))
    if strange:
        raise Refused(
            Refusal(
                BASE,
                ErrorCode.NOT_A_DEMO,
                f"This database holds {', '.join(strange)}, which the demo did not make."
                " Demo data goes into an empty database only.",
            )
        )
    if not known:
        seed(DemoDates(london_day(at)), PROVIDERS, participants=participants, by=BY, watch=watch)
        let_messages_go(at=at)
    return {"tokens": renew_tokens(PROVIDERS, by=BY, at=at), "staff": renew_staff()}
