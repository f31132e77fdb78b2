"""How outcomes are answered (rules 5.3)."""

from datetime import UTC, date, datetime
from uuid import UUID

from rest_framework import serializers

from npq_portal.api.records import Attribute, Record
from outcomes.choices import OutcomeState


class OutcomeRecord(Record):
    """One row in the history of an outcome, read from a provider's listings."""

    type = "participant-outcome"
    key = ("created_at", "outcome_id")
    id_path = "outcome_id"
    attributes = {
        "participant_id": Attribute(
            "outcome__declaration__application__participant_id",
            serializers.UUIDField(initial=UUID("a2b1c3d4-7e6f-4a5b-8c9d-0e1f2a3b4c5d")),
        ),
        "course_identifier": Attribute(
            "outcome__declaration__application__course__identifier",
            serializers.CharField(initial="npq-headship"),
        ),
        "state": Attribute(
            "outcome__state",
            serializers.ChoiceField(
                choices=OutcomeState.choices,
                initial="passed",
                help_text="`voided` when it was taken back, by a void or by the department.",
            ),
        ),
        "completion_date": Attribute(
            "outcome__completion_date", serializers.DateField(initial=date(2022, 1, 25))
        ),
        "created_at": Attribute(
            "created_at",
            serializers.DateTimeField(initial=datetime(2022, 1, 25, 10, 31, 7, tzinfo=UTC)),
        ),
    }
