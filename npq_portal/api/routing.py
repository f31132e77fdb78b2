"""Paths with an optional slash at the end (rules 3.1)."""

from rest_framework.routers import SimpleRouter


class OptionalSlashRouter(SimpleRouter):
    """Write paths without a trailing slash and tolerate one."""

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"
