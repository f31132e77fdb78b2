"""The declarations app."""

from django.apps import AppConfig


class DeclarationsConfig(AppConfig):
    """Declarations and statements."""

    name = "declarations"
    verbose_name = "Declarations and statements"
