"""Identifiers: those of rows made by this service, and those that a client writes."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a new UUIDv7: unique, and ordered by time so that indexes stay compact."""
    return uuid7()


def parse_id(text: object) -> UUID | None:
    """Read a UUID written as usual, in either case; None when ``text`` is anything else.

    Python reads much more: braces, ``urn:``, hyphens anywhere, digits of any script.
    """
    try:
        identifier = UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return identifier if str(identifier) == str(text).lower() else None
