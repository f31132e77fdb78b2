"""The attributes that a declaration is posted with (rules 8.1)."""

from typing import Any

from rest_framework import serializers

from npq_portal.api.inputs import IdentifierField, InstantField, TextField, YesNoField


class DeclarationAttributes(serializers.Serializer[Any]):
    """What a provider declares; ``has_passed`` goes with completed ones that have outcomes."""

    participant_id = IdentifierField()
    declaration_type = TextField()
    declaration_date = InstantField()
    course_identifier = TextField()
    has_passed = YesNoField(required=False)
