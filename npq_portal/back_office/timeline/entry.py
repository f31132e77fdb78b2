"""What a timeline is made of, and how its sources are asked (rules 13.7)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Model, QuerySet

from npq_portal.admin import page_of
from npq_portal.history import HistoryRow
from npq_portal.providers.models import ApiToken, LeadProvider


class Link(NamedTuple):
    """A page and what the link to it says."""

    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that happened to a participant ``at`` a UTC instant, in sentences for people.

    ``links`` lead to the records it is about. ``token_id`` is the provider's token that did it, by
    which a request is found to belong to what it changed. An entry that ``is_request`` tells what
    was asked, not what changed, and ``sent`` with which values.
    """

    at: datetime
    what: str
    who: str
    why: str = ""
    sent: str = ""
    links: tuple[Link, ...] = ()
    token_id: UUID | None = None
    is_request: bool = False
    is_refusal: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """The newest entries of a source: one more than ``size``, which tells that there are more.

    Of those before a UTC instant, if one is given.
    """

    size: int
    before: datetime | None = None

    def of(
        self, rows: QuerySet[Any], instant: str = "at", key: str = "pk", *, previous: int = 0
    ) -> list[Any]:
        """Return the rows of these entries, oldest first, after so many ``previous`` ones."""
        if self.before is not None:
            rows = rows.filter(**{f"{instant}__lt": self.before})
        newest = rows.order_by(f"-{instant}", f"-{key}")[: self.size + 1 + previous]
        return list(reversed(newest))


Source = Callable[[Any, Window], list[Entry]]
"""Reads, of a participant, the entries of a window, oldest first, in a fixed number of queries."""


def link_to_page(text: str, row: Model) -> Link:
    """Return a link to the page of ``row``."""
    return Link(text, page_of(row))


def who(row: HistoryRow) -> str:
    """Return who is behind a change, for people who know providers and colleagues by name."""
    if row.token is not None:
        return token_in_words(row.token, row.token.lead_provider)
    if row.staff is not None:
        return staff_in_words(row.staff)
    return f"Command {row.command}"


def token_in_words(token: ApiToken, lead_provider: LeadProvider) -> str:
    """Return whose token it is and what its provider uses it for."""
    name = f"“{token.description}”" if token.description else str(token.pk)
    return f"{lead_provider} (API token {name})"


def staff_in_words(staff: Any) -> str:
    """Return the name of a member of staff, the one to log in with where no other is known."""
    name: str = staff.get_full_name() or staff.get_username()
    return name
