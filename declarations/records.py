"""How declarations and statements are answered (rules 5.2 and 5.5)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from rest_framework import serializers

from declarations.choices import DeclarationState, StatementState
from declarations.figures import figures_of
from declarations.models import Declaration
from npq_portal.api.records import Attribute, Record
from schedules.choices import DeclarationType

WILL_BE_PAID = {DeclarationState.ELIGIBLE, DeclarationState.PAYABLE}
EXAMPLE_STATEMENT = UUID("0b7e4a52-1f3c-4e8d-9c65-2d8f7a10b3e4")
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
        "statement_id": Attribute(
            "statement_id",
            serializers.UUIDField(
                allow_null=True,
                initial=EXAMPLE_STATEMENT,
                help_text="The statement that pays for it; null until there is one.",
            ),
        ),
        "clawback_statement_id": Attribute(
            "clawback_statement_id",
            serializers.UUIDField(
                allow_null=True,
                initial=None,
                help_text="The statement that takes the payment back; null until there is one.",
            ),
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


class StatementRecord(Record):
    """A statement, with what it comes to as it is read."""

    type = "statement"
    example_id = EXAMPLE_STATEMENT
    attributes = {
        "month": Attribute(
            "period__payment_date",
            serializers.IntegerField(
                min_value=1, max_value=12, initial=3, help_text="Of the payment date."
            ),
            convert=lambda day: day.month,
        ),
        "year": Attribute(
            "period__payment_date",
            serializers.IntegerField(initial=2022, help_text="Of the payment date."),
            convert=lambda day: day.year,
        ),
        "cohort": Attribute(
            "period__cohort__start_year",
            serializers.CharField(initial="2021", help_text="The year in which it starts."),
            convert=str,
        ),
        "period": Attribute("period__name", serializers.CharField(initial="March 2022")),
        "deadline_date": Attribute(
            "period__deadline_date",
            serializers.DateField(
                initial=date(2022, 2, 25),
                help_text="The last day on which it takes declarations on.",
            ),
        ),
        "payment_date": Attribute(
            "period__payment_date", serializers.DateField(initial=date(2022, 3, 25))
        ),
        "state": Attribute(
            "state", serializers.ChoiceField(choices=StatementState.choices, initial="open")
        ),
        "declarations": Attribute(
            None,
            serializers.IntegerField(
                min_value=0, initial=412, help_text="How many declarations it pays for."
            ),
        ),
        "clawbacks": Attribute(
            None,
            serializers.IntegerField(
                min_value=0, initial=3, help_text="How many payments it takes back."
            ),
        ),
        "total": Attribute(
            None,
            serializers.DecimalField(
                max_digits=14,
                decimal_places=2,
                allow_null=True,
                initial=Decimal("81800.00"),
                help_text="In pounds; negative when more is taken back than paid, and null where "
                "the contract gives no price.",
            ),
        ),
        "updated_at": Attribute(
            "updated_at",
            serializers.DateTimeField(
                initial=datetime(2022, 2, 26, 1, tzinfo=UTC),
                help_text="Moves with the state and the dates, not with what is on it.",
            ),
        ),
    }

    @classmethod
    def attach(cls, rows: list[dict[str, Any]]) -> None:
        """Add what each statement comes to, counted for all of them together."""
        figures = figures_of([row["id"] for row in rows])
        for row in rows:
            sums = figures[row["id"]].sums
            row["declarations"], row["clawbacks"] = sums.declarations, sums.clawbacks
            row["total"] = None if sums.total is None else f"{sums.total:.2f}"
