"""The declarations app."""

from importlib import import_module

from django.apps import AppConfig


class DeclarationsConfig(AppConfig):
    """Declarations and statements."""

    name = "declarations"
    verbose_name = "Declarations and statements"

    def ready(self) -> None:
        """Connect the receivers."""
        import_module("declarations.receivers")
