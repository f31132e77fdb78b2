"""How outcomes are answered (rules 5.3)."""

from rest_framework import serializers

from npq_portal.api.records import Attribute, Record
from outcomes.choices import OutcomeState


class OutcomeRecord(Record):
    """One row in the history of an outcome."""

    type = "participant-outcome"
    attributes = {
        "participant_id": Attribute(
            "declaration__application__participant_id", serializers.UUIDField()
        ),
        "course_identifier": Attribute(
            "declaration__application__course__identifier", serializers.CharField()
        ),
        "state": Attribute("state", serializers.ChoiceField(choices=OutcomeState.choices)),
        "completion_date": Attribute("completion_date", serializers.DateField()),
        "created_at": Attribute("created_at", serializers.DateTimeField()),
    }
