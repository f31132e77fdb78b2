"""The attributes that an outcome is posted with (rules 9.3)."""

from typing import Any

from rest_framework import serializers

from npq_portal.api.inputs import DayField, TextField


class OutcomeAttributes(serializers.Serializer[Any]):
    """How a participant's course ended, and when."""

    course_identifier = TextField()
    state = TextField()
    completion_date = DayField()
