"""The providers app."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Lead providers and their API tokens."""

    name = "npq_portal.providers"
    label = "providers"
    verbose_name = "Lead providers"
