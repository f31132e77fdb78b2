"""What the lists of declarations and statements can be narrowed by (rules 3.7)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from npq_portal.api.filters import (
    BracketFilterSet,
    IdentifiersFilter,
    InstantFilter,
    YearsFilter,
)
from participants.identity import with_survivors


class DeclarationFilters(BracketFilterSet):
    """The filters of declarations."""

    updated_since = InstantFilter("declaration__updated_at")
    participant_id = IdentifiersFilter(method="of_participants")

    def of_participants(
        self, listings: QuerySet[Any, Any], _name: str, participant_ids: list[UUID]
    ) -> QuerySet[Any, Any]:
        """Keep those of the participants with these ids, now or before a merger (rules 5.6)."""
        return listings.filter(
            declaration__application__participant__in=with_survivors(participant_ids)
        )


class StatementFilters(BracketFilterSet):
    """The filters of statements."""

    updated_since = InstantFilter("updated_at")
    cohort = YearsFilter("period__cohort__start_year")
