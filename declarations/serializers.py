"""The attributes that a declaration is posted with (rules 8.1)."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers

from npq_portal.api.inputs import IdentifierField, InstantField, TextField, WordField, YesNoField
from schedules.choices import DeclarationType


class DeclarationAttributes(serializers.Serializer[Any]):
    """What a provider declares; ``has_passed`` goes with completed ones that have outcomes."""

    participant_id = IdentifierField(initial=UUID("a2b1c3d4-7e6f-4a5b-8c9d-0e1f2a3b4c5d"))
    declaration_type = WordField(DeclarationType.choices, initial="completed")
    declaration_date = InstantField(
        initial=datetime(2022, 1, 25, 10, 30, tzinfo=UTC),
        help_text="When the participant reached the milestone.",
    )
    course_identifier = TextField(initial="npq-headship")
    has_passed = YesNoField(
        required=False,
        allow_null=True,
        initial=True,
        help_text="Required on a `completed` declaration of a course with outcomes, ignored on "
        'others. The texts "true" and "false" are read as well.',
    )
