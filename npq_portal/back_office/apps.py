"""The back office app."""

from django.apps import AppConfig


class BackOfficeConfig(AppConfig):
    """Pages and commands that span the apps."""

    name = "npq_portal.back_office"
    label = "back_office"
    verbose_name = "Back office"
