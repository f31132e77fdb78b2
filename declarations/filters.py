"""What the list of declarations can be narrowed by (rules 3.7)."""

from npq_portal.api.filters import BracketFilterSet, IdentifiersFilter, InstantFilter


class DeclarationFilters(BracketFilterSet):
    """The filters of declarations."""

    updated_since = InstantFilter("updated_at")
    participant_id = IdentifiersFilter("application__participant_id")
