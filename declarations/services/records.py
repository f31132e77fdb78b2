"""What every command on declarations does: lock in one order, take a step with its history.

Persons and applications are locked first (participants.services.records), then the statement
that may be attached to, then declarations. Statements go before declarations because making one
payable holds it while it waits for its declarations.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Literal, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Greatest

from declarations.choices import DeclarationState, StatementState
from declarations.models import Declaration, DeclarationEvent, PaymentPeriod, Statement
from declarations.rules import TRANSITIONS, Facts
from npq_portal.clock import london_day
from npq_portal.history import Actor
from npq_portal.locks import share_lock
from npq_portal.prepared import Prepared, columns_of, made_of
from npq_portal.providers.models import LeadProvider
from participants.models import Application
from schedules.models import Cohort, Milestone

CHUNK = 500

Row = TypeVar("Row")

StatementColumn = Literal["statement", "clawback_statement"]

Progress = Callable[[int], object]
"""Told how many more declarations have been changed, while many are."""


def in_silence(_count: int) -> None:
    """Tell nobody of progress."""


def facts_of(application: Application, *, started: Milestone | None, duplicate: bool) -> Facts:
    """Return what payment of a declaration of ``application`` hangs on (rules 10.3).

    ``started`` is that milestone of its schedule, None where there is none.
    """
    return Facts(
        funded=application.eligible_for_funding,
        duplicate=duplicate,
        withdrawn_at=application.withdrawn_at,
        started_cut_off=started.cut_off_date if started else None,
    )


def lock_open_statement(
    lead_provider: LeadProvider, cohort: Cohort, *, at: datetime
) -> Statement | None:
    """Return the statement that takes declarations on at ``at`` (UTC), kept open until commit.

    None when there is none; none is then opened before commit either, so that a declaration
    which waits is found by the command that opens the next one (rules 10.4).
    """
    none_opens = False
    while True:
        row = _taking.row(lead_provider.pk, cohort.pk, london_day(at))
        if row is not None:
            return made_of(Statement, row)
        if none_opens:
            return None
        share_lock(lead_provider)
        none_opens = True


def _open_statements(
    lead_provider_id: UUID, cohort_id: int, day: date
) -> QuerySet[PaymentPeriod, Any]:
    of_statement = columns_of(Statement, through="statements")
    periods = PaymentPeriod.objects.filter(
        cohort=cohort_id,
        deadline_date__gte=day,
        statements__lead_provider=lead_provider_id,
        statements__state=StatementState.OPEN,
    )
    return periods.order_by("deadline_date", "statements__id").values_list(*of_statement)


# The period as well, and before the statement, as whoever moves its dates does. What was changed
# while this waited is looked at anew.
_taking = Prepared(_open_statements, lock="FOR SHARE")


def lock_providers(ids: Collection[UUID] | None) -> list[LeadProvider]:
    """Lock and return the providers with these ids, or all of them, in the order of their ids.

    Until commit none of their declarations starts to wait for a statement, and no payment reads
    their prices.
    """
    every = LeadProvider.objects.select_for_update(no_key=True).order_by("id")
    return list(every if ids is None else every.filter(pk__in=ids))


def take_step(
    declaration: Declaration,
    to: DeclarationState,
    *,
    attach_to: Statement | None,
    by: Actor,
    at: datetime,
    reason: str,
) -> None:
    """Take a locked ``declaration`` to state ``to``, with its history (rules 8.10, 8.12).

    What is to be clawed back goes on ``attach_to``; what was not paid leaves its statement (rules
    10.7). ``at`` is the UTC instant. Raises ValueError for a step that does not exist.
    """
    before = DeclarationState(declaration.state)
    _check_step(before, to)
    declaration.state = to
    if to == DeclarationState.AWAITING_CLAWBACK:
        declaration.clawback_statement = attach_to
    else:
        declaration.statement = None
    declaration.updated_at = max(at, declaration.updated_at)
    declaration.save(update_fields=["state", "statement", "clawback_statement", "updated_at"])
    DeclarationEvent.objects.create(
        declaration=declaration,
        from_state=before,
        to_state=to,
        statement=declaration.statement,
        clawback_statement=declaration.clawback_statement,
        at=at,
        reason=reason,
        **by.columns(),
    )


def take_step_together(
    declarations: QuerySet[Declaration],
    step: tuple[DeclarationState, DeclarationState],
    *,
    by: Actor,
    at: datetime,
    reason: str,
    values: Mapping[str, Any] = MappingProxyType({}),
    progress: Progress = in_silence,
) -> None:
    """Take those of ``declarations`` that are in the first state to the second.

    They stay on the statements they are on, unless that is among the ``values``: columns that are
    set with the state. ``progress`` is told of the declarations as they change.
    """
    before, to = step
    _check_step(before, to)
    _change_together(
        declarations.filter(state=before),
        {**values, "state": to},
        by=by,
        at=at,
        reason=reason,
        progress=progress,
    )


def attach_together(
    declarations: QuerySet[Declaration],
    to: Mapping[StatementColumn, Statement],
    *,
    by: Actor,
    at: datetime,
    reason: str,
) -> None:
    """Put ``declarations`` on the statement that takes them on; their states stay."""
    _change_together(
        declarations,
        {f"{column}_id": it.pk for column, it in to.items()},
        by=by,
        at=at,
        reason=reason,
    )


def _change_together(
    declarations: QuerySet[Declaration],
    changes: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    reason: str,
    progress: Progress = in_silence,
) -> None:
    # Ids alone, as a statement may hold any number of declarations.
    ids = list(
        declarations.select_for_update(of=("self",)).order_by("id").values_list("id", flat=True)
    )
    for chunk in chunks(ids):
        rows = Declaration.objects.filter(pk__in=chunk)
        before = list(rows.values("id", "state", "statement_id", "clawback_statement_id"))
        rows.update(**changes, updated_at=Greatest("updated_at", at))
        DeclarationEvent.objects.bulk_create(
            _event(row, row | dict(changes), by=by, at=at, reason=reason) for row in before
        )
        progress(len(chunk))


def _event(
    before: Mapping[str, Any], after: Mapping[str, Any], *, by: Actor, at: datetime, reason: str
) -> DeclarationEvent:
    return DeclarationEvent(
        declaration_id=before["id"],
        from_state=before["state"],
        to_state=after["state"],
        statement_id=after["statement_id"],
        clawback_statement_id=after["clawback_statement_id"],
        at=at,
        reason=reason,
        **by.columns(),
    )


def chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Yield ``rows`` in pieces that fit one statement of any database."""
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _check_step(before: DeclarationState, to: DeclarationState) -> None:
    if to not in TRANSITIONS[before]:
        raise ValueError(f"A declaration does not go from {before} to {to}.")
