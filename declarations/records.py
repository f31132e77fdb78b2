"""How declarations are answered (rules 5.2)."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from rest_framework import serializers

from declarations.choices import DeclarationState
from declarations.models import Declaration
from npq_portal.api.records import Attribute, Record
from schedules.choices import DeclarationType

WILL_BE_PAID = {DeclarationState.ELIGIBLE, DeclarationState.PAYABLE}
HAS_PASSED = {"passed": True, "failed": False}
"""What the newest outcome says; a voided one, or none, says nothing."""


class DeclarationRecord(Record):
    """A declaration, with what its newest outcome says."""

    type = "participant-declaration"
    attributes = {
        "participant_id": Attribute(
            "application__participant_id",
            serializers.UUIDField(initial=UUID("a2b1c3d4-7e6f-4a5b-8c9d-0e1f2a3b4c5d")),
        ),
        "declaration_type": Attribute(
            "declaration_type",
            serializers.ChoiceField(choices=DeclarationType.choices, initial="completed"),
        ),
        "declaration_date": Attribute(
            "declaration_date",
            serializers.DateTimeField(initial=datetime(2022, 1, 25, 10, 30, tzinfo=UTC)),
        ),
        "course_identifier": Attribute(
            "application__course__identifier", serializers.CharField(initial="npq-headship")
        ),
        "state": Attribute(
            "state",
            serializers.ChoiceField(choices=DeclarationState.choices, initial="eligible"),
        ),
        "eligible_for_payment": Attribute(
            "state",
            serializers.BooleanField(initial=True, help_text="In state `eligible` or `payable`."),
            convert=lambda state: state in WILL_BE_PAID,
        ),
        "voided": Attribute(
            "state",
            serializers.BooleanField(initial=False, help_text="In state `voided`."),
            convert=lambda state: state == DeclarationState.VOIDED,
        ),
        "updated_at": Attribute(
            "updated_at",
            serializers.DateTimeField(
                initial=datetime(2022, 1, 25, 10, 31, 7, tzinfo=UTC),
                help_text="Moves with the declaration and with its outcomes.",
            ),
        ),
        "has_passed": Attribute(
            "newest_outcome",
            serializers.BooleanField(
                allow_null=True,
                initial=True,
                help_text="What the newest outcome of this declaration says; null when it is "
                "voided or there is none.",
            ),
            convert=HAS_PASSED.get,
        ),
    }

    @classmethod
    def select(cls, queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        # Through the reverse relation: outcomes stand above declarations.
        newest = Declaration.objects.filter(pk=OuterRef("pk")).order_by(
            "-outcomes__created_at", "-outcomes__id"
        )
        return super().select(
            queryset.annotate(newest_outcome=Subquery(newest.values("outcomes__state")[:1]))
        )
