"""What the list of outcomes can be narrowed by (rules 3.7)."""

from npq_portal.api.filters import BracketFilterSet, InstantFilter


class OutcomeFilters(BracketFilterSet):
    """The filter of all outcomes."""

    created_since = InstantFilter("created_at")
