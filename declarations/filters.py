"""What the lists of declarations and statements can be narrowed by (rules 3.7)."""

from npq_portal.api.filters import (
    BracketFilterSet,
    IdentifiersFilter,
    InstantFilter,
    YearsFilter,
)


class DeclarationFilters(BracketFilterSet):
    """The filters of declarations."""

    updated_since = InstantFilter("updated_at")
    participant_id = IdentifiersFilter("application__participant_id")


class StatementFilters(BracketFilterSet):
    """The filters of statements."""

    updated_since = InstantFilter("updated_at")
    cohort = YearsFilter("period__cohort__start_year")
