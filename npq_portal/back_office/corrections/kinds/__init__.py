"""The corrections that there are, those of one app in each module (rules 14.13, 14.14)."""

from typing import Any

from npq_portal.back_office.corrections.kinds.applications import OF_APPLICATIONS
from npq_portal.back_office.corrections.kinds.declarations import OF_DECLARATIONS
from npq_portal.back_office.corrections.kinds.kind import Kind, Opposite
from npq_portal.back_office.corrections.kinds.outcomes import OF_OUTCOMES
from npq_portal.back_office.corrections.kinds.participants import OF_PARTICIPANTS
from npq_portal.back_office.corrections.records import Record

__all__ = ["KINDS", "Kind", "Opposite", "offered"]

KINDS = {
    kind.slug: kind for kind in (*OF_PARTICIPANTS, *OF_APPLICATIONS, *OF_DECLARATIONS, *OF_OUTCOMES)
}
"""Every kind by its slug, in the order in which they are offered."""


def offered(user: Any, record: Record) -> list[Kind]:
    """Return the kinds that ``user`` may ask for about ``record`` as it is now."""
    return [
        kind
        for kind in KINDS.values()
        if isinstance(record, kind.about)
        and user.has_perm(kind.permission)
        and kind.is_offered(record)
    ]
