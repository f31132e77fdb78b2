"""Loading what contracts pay (rules 2.8)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TypedDict

from django.db import transaction
from simple_history.utils import update_change_reason

from declarations.models import ContractPrice
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
    report = LoadReport()
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
