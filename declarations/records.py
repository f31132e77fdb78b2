"""How declarations and statements are answered (rules 5.2 and 5.5)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    ExpressionWrapper,
    OuterRef,
    Q,
    Subquery,
    When,
)
from django.db.models.functions import Cast
from rest_framework import serializers

from declarations.choices import DeclarationState, StatementState
from declarations.figures import Sums, figures_of
from declarations.models import Declaration
from npq_portal.api.records import Attribute, Record, Row
from schedules.choices import DeclarationType

WILL_BE_PAID = [DeclarationState.ELIGIBLE, DeclarationState.PAYABLE]
EXAMPLE_STATEMENT = UUID("0b7e4a52-1f3c-4e8d-9c65-2d8f7a10b3e4")


def _newest_outcome() -> Subquery:
    """Return whether the newest outcome says passed; a voided one, or none, says nothing."""
    # Through the reverse relation: outcomes stand above declarations.
    outcomes = Declaration._meta.get_field("outcomes").related_model._default_manager  # noqa: SLF001
    says = Case(When(state="passed", then=True), When(state="failed", then=False))
    # No two are of one instant (outcome_newest_is_certain), so their ids need not be asked.
    newest = outcomes.filter(declaration=OuterRef("declaration")).order_by("-created_at")
    return Subquery(newest.values(says=says)[:1], output_field=BooleanField())


def _is_in(states: list[DeclarationState]) -> ExpressionWrapper:
    return ExpressionWrapper(Q(declaration__state__in=states), output_field=BooleanField())


class DeclarationRecord(Record):
    """A declaration with what its newest outcome says, read from a provider's listings."""

    type = "participant-declaration"
    key = ("created_at", "declaration_id")
    id_path = "declaration_id"
    attributes = {
        "participant_id": Attribute(
            "declaration__application__participant_id",
            serializers.UUIDField(initial=UUID("a2b1c3d4-7e6f-4a5b-8c9d-0e1f2a3b4c5d")),
        ),
        "declaration_type": Attribute(
            "declaration__declaration_type",
            serializers.ChoiceField(choices=DeclarationType.choices, initial="completed"),
        ),
        "declaration_date": Attribute(
            "declaration__declaration_date",
            serializers.DateTimeField(initial=datetime(2022, 1, 25, 10, 30, tzinfo=UTC)),
        ),
        "course_identifier": Attribute(
            "declaration__application__course__identifier",
            serializers.CharField(initial="npq-headship"),
        ),
        "state": Attribute(
            "declaration__state",
            serializers.ChoiceField(choices=DeclarationState.choices, initial="eligible"),
        ),
        "eligible_for_payment": Attribute(
            _is_in(WILL_BE_PAID),
            serializers.BooleanField(initial=True, help_text="In state `eligible` or `payable`."),
        ),
        "voided": Attribute(
            _is_in([DeclarationState.VOIDED]),
            serializers.BooleanField(initial=False, help_text="In state `voided`."),
        ),
        "updated_at": Attribute(
            "declaration__updated_at",
            serializers.DateTimeField(
                initial=datetime(2022, 1, 25, 10, 31, 7, tzinfo=UTC),
                help_text="Moves with the declaration and with its outcomes.",
            ),
        ),
        "has_passed": Attribute(
            _newest_outcome,
            serializers.BooleanField(
                allow_null=True,
                initial=True,
                help_text="What the newest outcome of this declaration says; null when it is "
                "voided or there is none.",
            ),
        ),
        "statement_id": Attribute(
            "declaration__statement_id",
            serializers.UUIDField(
                allow_null=True,
                initial=EXAMPLE_STATEMENT,
                help_text="The statement that pays for it; null until there is one.",
            ),
        ),
        "clawback_statement_id": Attribute(
            "declaration__clawback_statement_id",
            serializers.UUIDField(
                allow_null=True,
                initial=None,
                help_text="The statement that takes the payment back; null until there is one.",
            ),
        ),
    }


class StatementRecord(Record):
    """A statement, with what it comes to as it is read."""

    type = "statement"
    example_id = EXAMPLE_STATEMENT
    attributes = {
        "month": Attribute(
            None,
            serializers.IntegerField(
                min_value=1, max_value=12, initial=3, help_text="Of the payment date."
            ),
        ),
        "year": Attribute(
            None,
            serializers.IntegerField(initial=2022, help_text="Of the payment date."),
        ),
        "cohort": Attribute(
            Cast("period__cohort__start_year", CharField()),
            serializers.CharField(initial="2021", help_text="The year in which it starts."),
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
    def write(cls, rows: Sequence[Row], *, lead_provider_id: UUID) -> list[dict[str, Any]]:
        """Return statements with what each comes to, counted for all of them together."""
        ids = [UUID(str(row[0])) for row in rows]
        figures = figures_of(ids)
        return [cls._write(row, figures[it].sums) for it, row in zip(ids, rows, strict=True)]

    @classmethod
    def _write(cls, row: Row, sums: Sums) -> dict[str, Any]:
        identifier, cohort, period, deadline, payment, state, updated_at, _ = row
        attributes = {
            "month": payment.month,
            "year": payment.year,
            "cohort": cohort,
            "period": period,
            "deadline_date": deadline,
            "payment_date": payment,
            "state": state,
            "declarations": sums.declarations,
            "clawbacks": sums.clawbacks,
            "total": None if sums.total is None else f"{sums.total:.2f}",
            "updated_at": updated_at,
        }
        return {"id": identifier, "type": cls.type, "attributes": attributes}
