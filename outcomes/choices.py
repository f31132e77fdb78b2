"""The words of outcomes that are stored and answered."""

from django.db.models import TextChoices


class OutcomeState(TextChoices):
    """How a course ended (rules 9.1)."""

    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"
    VOIDED = "voided", "Voided"
