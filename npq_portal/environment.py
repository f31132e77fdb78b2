"""The environment and ``.env``, from which settings are read (rules 12.1)."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

FILE = Path(__file__).resolve().parent.parent / ".env"

FALSE_STRINGS = ("false", "off", "no", "n", "0", "")
DATABASE_SCHEMES = ("postgres", "postgresql", "sqlite")


class Environment(environ.Env):
    """Variables by name; one that cannot be read is named, and what it would have to be.

    What it holds is not repeated: it may be secret. Raises ImproperlyConfigured.
    """

    @classmethod
    def read(cls) -> "Environment":
        """Return the environment with what ``.env`` adds to it."""
        cls.read_env(FILE, encoding="utf-8-sig")  # editors put a mark in front
        return cls()

    def get_value(
        self,
        var: str,
        cast: Callable[[str], Any] | None = None,
        default: Any = None,
        parse_default: bool = False,
    ) -> Any:
        """Return a variable as it is: in a secret ``$`` names no other variable."""
        value = self.ENVIRON.get(var, default)
        is_default = value == default and not parse_default
        return value if is_default else self.parse_value(value, cast)

    def bool(self, var: str, default: bool) -> bool:
        """Return whether something is so."""
        text = str(self.str(var, default=str(default))).lower()
        if text not in (*self.BOOLEAN_TRUE_STRINGS, *FALSE_STRINGS):
            raise ImproperlyConfigured(f"{var} is neither true nor false. Set it to one of them.")
        return text not in FALSE_STRINGS

    def int(self, var: str, default: int, *, least: int = 0) -> int:
        """Return a whole number that is the ``least`` or more."""
        try:
            number = int(self.get_value(var, int, default))
        except ValueError:
            raise ImproperlyConfigured(f"{var} is not a number. Set it to a whole one.") from None
        if number < least:
            raise ImproperlyConfigured(f"{var} is less than {least}. Set it to {least} or more.")
        return number

    def db_url(self, var: str, default: str) -> dict[str, Any]:
        """Return how Django reaches the database whose URL is given."""
        url = str(self.str(var, default=default))
        try:
            if url.partition(":")[0] not in DATABASE_SCHEMES:
                raise ValueError
            return dict(self.db_url_config(url))
        except ValueError:  # also of a port that is no number
            raise ImproperlyConfigured(
                f"{var} is not the URL of a database. Set it to one such as"
                " postgres://user:password@host:5432/name or sqlite:///name.sqlite3; what is no"
                " letter or digit of a password is percent-encoded in it."
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

    def web_address(self, var: str, default: str) -> str:
        """Return the address of a service on the web."""
        address = str(self.str(var, default=default))
        try:
            parts = urlsplit(address)
            is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            is_address = False
        if not is_address:
            raise ImproperlyConfigured(
                f"{var} is not an address. Set it to one that begins with https://."
            )
        return address

    def log_level(self, var: str, default: str) -> str:
        """Return the name of a level of Python's logging, in capitals."""
        level = str(self.str(var, default=default)).upper()
        known = logging.getLevelNamesMapping()
        if level not in known:
            raise ImproperlyConfigured(
                f"{var} is not a level of logs. Set it to DEBUG, INFO, WARNING, ERROR or CRITICAL."
            )
        return level
