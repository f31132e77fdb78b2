"""A provider's list of one kind of record: page by page, or one record of it (rules 3.6)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from npq_portal.api.records import Place, Record, Row
from npq_portal.expressions import After, from_cut
from npq_portal.prepared import Prepared, read
from npq_portal.providers.models import LeadProvider


def _page(
    record: type[Record], rows: QuerySet[Any, Any], after: Place | None, most: int
) -> QuerySet[Any, Any]:
    """Return what is selected of ``most`` of ``rows``, from the start or ``after`` a place."""
    kept = rows if after is None else rows.filter(After(record.key, after))
    cut = from_cut(kept.order_by(*record.key)[:most])
    return record.select(cut).order_by(*record.key)


def _places(record: type[Record], rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    return rows.order_by(*record.key).values_list(*record.key)


class Selection:
    """Rows of a ``record`` in the order of its key; the SQL is made for each request."""

    def __init__(self, record: type[Record], rows: QuerySet[Any, Any]) -> None:
        self.record, self._rows = record, rows

    def page(self, *, after: Place | None, most: int) -> list[Row]:
        """Return at ``most`` so many rows in order, from the start or ``after`` a place."""
        return read(_page(self.record, self._rows, after, most))

    def place(self, *, number: int) -> Place | None:
        """Return the place of a row, counted from 1; None when there are not so many."""
        places = _places(self.record, self._rows)
        found: Place | None = places[number - 1 : number].first()
        return found


class Listing:
    """All that a provider sees of a ``record``: rows that are ``visible`` to it (ADR 17)."""

    def __init__(
        self, record: type[Record], visible: Callable[[LeadProvider], QuerySet[Any, Any]]
    ) -> None:
        self.record, self.visible = record, visible
        self.pages = Prepared(self._select)
        self.places = Prepared(self._select_places)
        self._one = Prepared(self._select_one)

    def of(self, provider: LeadProvider) -> "ListingOfProvider":
        """Return the selection of what ``provider`` sees."""
        return ListingOfProvider(self, provider)

    def one(self, provider: LeadProvider, identifier: UUID) -> Row | None:
        """Return the row of a record, None when ``provider`` sees none of that id."""
        return self._one.row(provider.pk, identifier)

    def _rows(self, provider_id: UUID) -> QuerySet[Any, Any]:
        return self.visible(LeadProvider(pk=provider_id))

    def _select(self, provider_id: UUID, *after: Any, most: int) -> QuerySet[Any, Any]:
        return _page(self.record, self._rows(provider_id), after or None, most)

    def _select_places(self, provider_id: UUID) -> QuerySet[Any, Any]:
        return _places(self.record, self._rows(provider_id))

    def _select_one(self, provider_id: UUID, identifier: UUID) -> QuerySet[Any, Any]:
        of_id = self._rows(provider_id).filter(**{self.record.id_path: identifier})
        return self.record.select(of_id)


class ListingOfProvider:
    """A selection by statements that are made once."""

    def __init__(self, listing: Listing, provider: LeadProvider) -> None:
        self.record, self._listing, self._provider = listing.record, listing, provider

    def page(self, *, after: Place | None, most: int) -> list[Row]:
        """Return what ``Selection.page`` does."""
        return self._listing.pages.page(self._provider.pk, *(after or ()), most=most)

    def place(self, *, number: int) -> Place | None:
        """Return what ``Selection.place`` does, as far as may be from an index alone."""
        found = self._listing.places.rows(self._provider.pk, most=1, skipped=number - 1)
        return found[0] if found else None
