"""Making statements payable, and paying them (rules 10.5, 10.6, 10.8, 10.10)."""

from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from declarations.choices import DeclarationState, StatementState
from declarations.figures import ContractPrices, Sums, Worth, figures_of, worths_of
from declarations.models import Declaration, Statement, StatementEvent
from declarations.services.records import Progress, in_silence, take_step_together
from npq_portal.errors import BASE, ErrorCode, NotFound, Refusal, Refused
from npq_portal.history import Actor
from npq_portal.locks import share_lock


def make_payable(
    *, as_of: date, by: Actor, at: datetime, progress: Progress = in_silence
) -> list[Statement]:
    """Make every open statement whose deadline is before ``as_of`` payable; return these.

    ``as_of`` is a London day, ``at`` the UTC instant that history names. Each statement is a
    transaction of its own (rules 10.5). ``progress`` is told of the declarations as they change.
    """
    ids = list(Statement.objects.due(as_of).values_list("pk", flat=True))
    made = (_make_one_payable(pk, as_of=as_of, by=by, at=at, progress=progress) for pk in ids)
    return [it for it in made if it is not None]


@transaction.atomic
def _make_one_payable(
    statement_id: UUID, *, as_of: date, by: Actor, at: datetime, progress: Progress
) -> Statement | None:
    statement = _lock(statement_id)
    # Asked again now that it is locked: somebody may have paid it, or moved the deadline.
    if statement is None or not Statement.objects.due(as_of).filter(pk=statement_id).exists():
        return None
    _move(statement, StatementState.PAYABLE, by=by, at=at, reason="The deadline passed.")
    take_step_together(
        statement.declarations.all(),
        (DeclarationState.ELIGIBLE, DeclarationState.PAYABLE),
        by=by,
        at=at,
        reason="The statement became payable.",
        progress=progress,
    )
    return statement


@transaction.atomic
def mark_paid(
    *,
    statement_id: UUID,
    seen: Sums | None = None,
    by: Actor,
    at: datetime,
    progress: Progress = in_silence,
) -> bool:
    """Mark a payable statement paid at ``at`` (UTC); return False for one paid already (10.6).

    What each of its declarations is worth by then is kept as paid, with the course and schedule
    it is paid for (rules 10.8). ``seen`` is what
    somebody authorises, and None where nobody looked; ``progress`` is told of the declarations as
    they change. Raises NotFound when there is no such statement, Refused when it is still open or
    says something else than was seen (rules 10.10).
    """
    statement = _lock_with_worth(statement_id)
    if statement is None:
        raise NotFound(f"There is no statement {statement_id}.")
    if statement.state == StatementState.PAID:
        return False
    _refuse_unless_payable(statement)
    _keep_what_is_on(statement)
    # Read once, so that what is paid is what is compared.
    prices = ContractPrices.of([statement])
    if seen is not None:
        _refuse_if_changed(figures_of([statement.pk], prices)[statement.pk].sums, seen)
    _move(statement, StatementState.PAID, by=by, at=at, reason="Marked paid.")
    step = partial(
        take_step_together, by=by, at=at, reason="The statement was paid.", progress=progress
    )
    paid = (DeclarationState.PAYABLE, DeclarationState.PAID)
    for worth in worths_of(statement, prices):
        # By one update of each row: PostgreSQL would lock the application of one updated twice.
        step(_worth(statement, worth), paid, values=_kept(worth))
    step(
        statement.clawbacks.all(),
        (DeclarationState.AWAITING_CLAWBACK, DeclarationState.CLAWED_BACK),
    )
    return True


def _lock_with_worth(statement_id: UUID) -> Statement | None:
    """Lock a statement, and before it what its declarations are worth (ADR 4, rules 10.8)."""
    seen = (
        Statement.objects.select_related("lead_provider", "period__cohort")
        .filter(pk=statement_id)
        .first()
    )
    if seen is None:
        return None
    share_lock(seen.period.cohort)  # under whose lock the types of its schedules are edited
    share_lock(seen.lead_provider)  # under whose lock its prices are set
    return _lock(statement_id)


def _refuse_unless_payable(statement: Statement) -> None:
    if statement.state != StatementState.PAYABLE:
        raise Refused(
            Refusal(
                BASE,
                ErrorCode.NOT_PAYABLE,
                f"The statement is {statement.state}; only a payable one can be marked paid.",
            )
        )


def _keep_what_is_on(statement: Statement) -> None:
    # A void takes no lock on a payable statement, so only these keep its figures as they are.
    for declarations in (statement.declarations, statement.clawbacks):
        list(declarations.select_for_update(of=("self",)).order_by("id").values_list("id"))


def _refuse_if_changed(sums: Sums, seen: Sums) -> None:
    if sums != seen:
        raise Refused(
            Refusal(
                BASE,
                ErrorCode.FIGURES_CHANGED,
                "The statement has changed since you looked at it. Look at what it says now, and"
                " authorise that.",
            )
        )


def _worth(statement: Statement, worth: Worth) -> QuerySet[Declaration]:
    return statement.declarations.filter(
        application__course=worth.course_id,
        application__schedule=worth.schedule_id,
        declaration_type=worth.declaration_type,
    )


def _kept(worth: Worth) -> dict[str, Any]:
    return {
        "amount": worth.amount,
        "paid_course": worth.course_id,
        "paid_schedule": worth.schedule_id,
    }


def _lock(statement_id: UUID) -> Statement | None:
    return (
        Statement.objects.select_for_update(of=("self",))
        .select_related("lead_provider", "period__cohort")
        .filter(pk=statement_id)
        .first()
    )


def _move(
    statement: Statement, to: StatementState, *, by: Actor, at: datetime, reason: str
) -> None:
    before = statement.state
    statement.state = to
    statement.updated_at = max(at, statement.updated_at)
    statement.save(update_fields=["state", "updated_at"])
    StatementEvent.objects.create(
        statement=statement,
        from_state=before,
        to_state=to,
        at=at,
        reason=reason,
        **by.columns(),
    )
