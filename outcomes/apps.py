"""The outcomes app."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    """Outcomes and notifications."""

    name = "outcomes"
    verbose_name = "Outcomes and notifications"

    def ready(self) -> None:
        from outcomes import receivers  # noqa: F401
