"""The words of schedules that are stored and answered."""

from django.db.models import TextChoices


class DeclarationType(TextChoices):
    """What a provider can state that a participant has reached (rules 2.3)."""

    STARTED = "started", "Started"
    RETAINED_1 = "retained-1", "Retained 1"
    RETAINED_2 = "retained-2", "Retained 2"
    COMPLETED = "completed", "Completed"
