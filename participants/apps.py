"""The participants app."""

from django.apps import AppConfig


class ParticipantsConfig(AppConfig):
    """Participants, applications and training history."""

    name = "participants"
    verbose_name = "Participants and applications"
