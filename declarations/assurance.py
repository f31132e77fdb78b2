"""What assurance checks a statement by: one line for each declaration on it (rules 10.11)."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from declarations.figures import COURSE, SCHEDULE, ContractPrices, amount_of
from declarations.models import Declaration, Statement

CHUNK = 2000
COLUMNS = (
    "line",
    "declaration_id",
    "participant_id",
    "full_name",
    "teacher_reference_number",
    "application_id",
    "course_identifier",
    "schedule_identifier",
    "declaration_type",
    "declaration_date",
    "declared_at",
    "state",
    "amount",
)
READ: Sequence[str] = (
    "application_id",
    "declaration_type",
    "declaration_date",
    "state",
    "amount",
)
RENAMED = {
    "declaration_id": F("id"),
    "participant_id": F("application__participant_id"),
    "full_name": F("application__participant__full_name"),
    "teacher_reference_number": F("application__participant__teacher_reference_number"),
    "course": COURSE,
    "schedule": SCHEDULE,
    "course_identifier": Coalesce("paid_course__identifier", "application__course__identifier"),
    "schedule_identifier": Coalesce(
        "paid_schedule__identifier", "application__schedule__identifier"
    ),
    "declared_at": F("created_at"),
}


def assurance_rows(statement: Statement) -> Iterator[Iterable[Any]]:
    """Yield the header, a line for each payment and then one for each refund, oldest first.

    The amount of a refund is negative; that of a declaration not yet paid is what the contract
    says now. Course and schedule are those that were paid for, whatever the application has now. No
    more than a chunk of lines is held.
    """
    yield COLUMNS
    prices = ContractPrices.of([statement])
    for row in _read(statement.declarations.all()):
        yield _line("payment", row, amount_of(row, statement, prices))
    for row in _read(statement.clawbacks.all()):
        paid: Decimal | None = row["amount"]
        yield _line("refund", row, None if paid is None else -paid)


def _read(declarations: QuerySet[Declaration]) -> Iterator[dict[str, Any]]:
    rows = declarations.order_by("created_at", "id").values(*READ, **RENAMED)
    return rows.iterator(chunk_size=CHUNK)


def _line(kind: str, row: dict[str, Any], amount: Decimal | None) -> Iterable[Any]:
    values = row | {"line": kind, "amount": amount}
    return [values[name] for name in COLUMNS]
