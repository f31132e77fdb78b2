"""The identifiers of rows made by this service."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a new UUIDv7: unique, and ordered by time so that indexes stay compact."""
    return uuid7()
