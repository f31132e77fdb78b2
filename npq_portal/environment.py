"""The environment and ``.env``, from which settings are read (rules 12.1)."""

import logging
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured


class Environment(environ.Env):
    """Variables by name; one that cannot be read is named, and what it would have to be.

    What it holds is not repeated: it may be secret. Raises ImproperlyConfigured.
    """

    def int(self, var: str, default: Any = environ.Env.NOTSET) -> int:
        """Return a whole number."""
        try:
            return int(super().int(var, default=default))
        except ValueError:
            raise ImproperlyConfigured(f"{var} is not a number. Set it to a whole one.") from None

    def db_url(self, var: str, default: str) -> dict[str, Any]:
        """Return how Django reaches the database whose URL is given."""
        url = str(self.str(var, default=default))
        try:
            if url.partition(":")[0] not in self.DB_SCHEMES:
                raise ValueError
            return dict(self.db_url_config(url))
        except ValueError:  # also of a port that is no number
            raise ImproperlyConfigured(
                f"{var} is not the URL of a database. Set it to one such as"
                " postgres://user:password@host:5432/name or sqlite:///name.sqlite3."
            ) from None

    def cache_url(self, var: str, default: str) -> dict[str, Any]:
        """Return how Django reaches the cache whose URL is given."""
        try:
            return dict(super().cache_url(var, default=default))
        except ImproperlyConfigured:
            raise ImproperlyConfigured(
                f"{var} is not the URL of a cache. Set it to one such as locmemcache:// or"
                " filecache:///var/cache/npq-portal."
            ) from None

    def log_level(self, var: str, default: str) -> str:
        """Return the name of a level of Python's logging, in capitals."""
        level = str(self.str(var, default=default)).upper()
        known = logging.getLevelNamesMapping()
        if level not in known:
            raise ImproperlyConfigured(
                f"{var} is not a level of logs. Set it to DEBUG, INFO, WARNING, ERROR or CRITICAL."
            )
        return level
