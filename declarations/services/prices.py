"""What contracts pay: loading it, and correcting it (rules 2.8, 14.11)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.db import transaction
from simple_history.utils import update_change_reason

from declarations.models import ContractPrice
from declarations.rules import refusal_of_price
from declarations.services.records import lock_providers
from npq_portal.corrections import check_reason, sign_version
from npq_portal.errors import ErrorCode, NotFound, Refusals
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from schedules.models import Cohort, Course
from schedules.services import LoadReport


class ContractPriceRow(TypedDict):
    """A contract price as it is loaded, in pounds."""

    lead_provider: LeadProvider
    cohort: Cohort
    course: Course
    price_per_participant: Decimal


@transaction.atomic
def load_contract_prices(rows: Iterable[ContractPriceRow], *, by: Actor) -> LoadReport:
    """Add the prices that are not known; one known with another price is left and reported."""
    rows, report = list(rows), LoadReport()
    lock_providers({row["lead_provider"].pk for row in rows})
    for row in rows:
        price = row["price_per_participant"]
        known, created = ContractPrice.objects.get_or_create(
            lead_provider=row["lead_provider"],
            cohort=row["cohort"],
            course=row["course"],
            defaults={"price_per_participant": price},
        )
        if created:
            update_change_reason(known, by.command)
            report.added += 1
        elif known.price_per_participant == price:
            report.same += 1
        else:
            report.differing.append(f"{known}, not £{price:,.2f}.")
    return report


@transaction.atomic
def set_contract_price(
    *,
    lead_provider_id: UUID,
    cohort_id: int,
    course_id: int,
    price_per_participant: Decimal,
    reason: str,
    by: Actor,
    at: datetime,
) -> ContractPrice:
    """Set what a contract pays for a course, in pounds, and return it; what was paid stays (10.8).

    Raises NotFound when there is no such provider, cohort or course, Refused as rules 14.11 say.
    """
    key: dict[str, Any] = {
        "lead_provider": next(iter(lock_providers({lead_provider_id})), None),
        "cohort": Cohort.objects.filter(pk=cohort_id).first(),
        "course": Course.objects.filter(pk=course_id).first(),
    }
    for name, found in key.items():
        if found is None:
            raise NotFound(f"There is no such {name.replace('_', ' ')}.")
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    refusals.note(refusal_of_price(price_per_participant))
    price = ContractPrice.objects.filter(**key).first() or ContractPrice(**key)
    if price.price_per_participant == price_per_participant:
        refusals.add(
            "price_per_participant", ErrorCode.NOTHING_CHANGES, "The price is this already."
        )
    refusals.raise_any()
    price.price_per_participant = price_per_participant
    sign_version(price, reason=reason, by=by, at=at)
    price.save()
    return price
