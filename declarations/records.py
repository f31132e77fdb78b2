"""How declarations are answered (rules 5.2)."""

from typing import Any

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
        "participant_id": Attribute("application__participant_id", serializers.UUIDField()),
        "declaration_type": Attribute(
            "declaration_type", serializers.ChoiceField(choices=DeclarationType.choices)
        ),
        "declaration_date": Attribute("declaration_date", serializers.DateTimeField()),
        "course_identifier": Attribute("application__course__identifier", serializers.CharField()),
        "state": Attribute("state", serializers.ChoiceField(choices=DeclarationState.choices)),
        "eligible_for_payment": Attribute(
            "state", serializers.BooleanField(), convert=lambda state: state in WILL_BE_PAID
        ),
        "voided": Attribute(
            "state",
            serializers.BooleanField(),
            convert=lambda state: state == DeclarationState.VOIDED,
        ),
        "updated_at": Attribute("updated_at", serializers.DateTimeField()),
        "has_passed": Attribute(
            "newest_outcome", serializers.BooleanField(allow_null=True), convert=HAS_PASSED.get
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
