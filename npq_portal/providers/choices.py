"""The values that providers' records may have."""

from django.db import models


class TokenEventKind(models.TextChoices):
    """What became of a token."""

    CREATED = "created", "Created"
    ROTATED = "rotated", "Rotated"
    REVOKED = "revoked", "Revoked"
