"""The attributes that an outcome is posted with (rules 9.3)."""

from datetime import date
from typing import Any

from rest_framework import serializers

from npq_portal.api.inputs import DayField, TextField, WordField
from outcomes.choices import OutcomeState

POSTABLE_STATES = [(it.value, it.label) for it in (OutcomeState.PASSED, OutcomeState.FAILED)]


class OutcomeAttributes(serializers.Serializer[Any]):
    """How a participant's course ended, and when."""

    course_identifier = TextField(initial="npq-headship")
    state = WordField(POSTABLE_STATES, initial="passed")
    completion_date = DayField(initial=date(2022, 1, 25), help_text="Today at the latest.")
