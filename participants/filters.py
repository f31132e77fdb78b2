"""What the lists of participants and applications can be narrowed by (rules 3.7)."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from npq_portal.api.filters import BracketFilterSet, InstantFilter, YearsFilter
from participants.models import Application


class ParticipantFilters(BracketFilterSet):
    """The cohort is that of an accepted application with the provider who asks."""

    updated_since = InstantFilter("updated_at")
    cohort = YearsFilter(method="of_cohorts")

    def of_cohorts(
        self, listings: QuerySet[Any, Any], _name: str, years: list[int]
    ) -> QuerySet[Any, Any]:
        """Keep the participants enrolled in one of the cohorts that start in ``years``."""
        return listings.filter(
            Exists(
                Application.objects.accepted().filter(
                    lead_provider=OuterRef("lead_provider"),
                    participant=OuterRef("participant"),
                    cohort__start_year__in=years,
                )
            )
        )


class ApplicationFilters(BracketFilterSet):
    """The filters of applications."""

    updated_since = InstantFilter("updated_at")
    cohort = YearsFilter("cohort__start_year")
