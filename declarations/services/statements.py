"""Opening statements for payment periods (rules 10.4, 2.5)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TypedDict

from django.db import transaction
from simple_history.utils import update_change_reason

from declarations.choices import DeclarationState, StatementState
from declarations.models import Declaration, PaymentPeriod, Statement, StatementEvent
from declarations.services.records import (
    attach_together,
    lock_open_statement,
    lock_providers,
)
from npq_portal.clock import london_day
from npq_portal.errors import ErrorCode, Refusal, Refusals, Refused
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from schedules.models import Cohort
from schedules.services import LoadReport


class PaymentPeriodRow(TypedDict):
    """A payment period as it is loaded; ``cohort`` is a start year, the dates London days."""

    cohort: int
    period: str
    deadline_date: date
    payment_date: date


@transaction.atomic
def load_payment_periods(
    rows: Iterable[PaymentPeriodRow], *, by: Actor, at: datetime
) -> LoadReport:
    """Add the periods that are not known, with a statement for every provider (rules 2.5, 2.6).

    A known one is left as it stands, and reported when its dates differ; one that was not for every
    provider comes to be, and is reported as changed. Raises Refused with all that is wrong with the
    rows.
    """
    rows = list(rows)
    cohorts = {it.start_year: it for it in Cohort.objects.all()}
    wrong = [refusal for row in rows for refusal in _faults(row, cohorts)]
    if wrong:
        raise Refused(*wrong)
    providers = lock_providers(None)
    report = LoadReport()
    for row in rows:
        period, created = _find_or_add(row, cohorts, for_every_provider=True, by=by)
        if not _has_dates(period, row["deadline_date"], row["payment_date"]):
            report.differing.append(_difference(period, row))
            continue
        if created:
            report.added += 1
        elif period.for_every_provider:
            report.same += 1
        else:
            report.changed.append(f"{period} is for every provider now.")
        open_for_every_provider(period, providers, by=by, at=at)
    take_on_waiting(providers, cohorts.values(), by=by, at=at)
    return report


@transaction.atomic
def open_statements_for(*, lead_provider: LeadProvider, by: Actor, at: datetime) -> None:
    """Open for a new provider the statements that every provider has (rules 2.5)."""
    for period in PaymentPeriod.objects.filter(for_every_provider=True):
        open_for(lead_provider, period, by=by, at=at)


@transaction.atomic
def open_statement(
    *,
    cohort: int,
    period: str,
    deadline: date,
    payment: date,
    lead_provider: LeadProvider | None,
    by: Actor,
    at: datetime,
) -> list[Statement]:
    """Open the statement of a period for one provider, or for all; return what there is then.

    ``cohort`` is a start year; ``deadline`` and ``payment`` are London days. What waits is taken
    on. Repeatable. Raises Refused as rules 11.9 say.
    """
    row = PaymentPeriodRow(
        cohort=cohort, period=period.strip(), deadline_date=deadline, payment_date=payment
    )
    cohorts = {it.start_year: it for it in Cohort.objects.filter(start_year=cohort)}
    refusals = Refusals()
    refusals.note(*_faults(row, cohorts))
    if deadline < london_day(at):
        refusals.add(
            "deadline",
            ErrorCode.DEADLINE_PASSED,
            f"The deadline {deadline} has passed; it must be today or later.",
        )
    refusals.raise_any()
    providers = lock_providers(None if lead_provider is None else {lead_provider.pk})
    for_every_provider = lead_provider is None
    known, _created = _find_or_add(row, cohorts, for_every_provider=for_every_provider, by=by)
    if not _has_dates(known, deadline, payment):
        raise Refused(Refusal("period", ErrorCode.DIFFERENT_DATES, _difference(known, row)))
    if lead_provider is None:
        statements = open_for_every_provider(known, providers, by=by, at=at)
    else:
        statements = [open_for(lead_provider, known, by=by, at=at)]
    take_on_waiting(providers, cohorts.values(), by=by, at=at)
    return statements


def _find_or_add(
    row: PaymentPeriodRow, cohorts: Mapping[int, Cohort], *, for_every_provider: bool, by: Actor
) -> tuple[PaymentPeriod, bool]:
    period, created = PaymentPeriod.objects.get_or_create(
        cohort=cohorts[row["cohort"]],
        name=row["period"],
        defaults={
            "deadline_date": row["deadline_date"],
            "payment_date": row["payment_date"],
            "for_every_provider": for_every_provider,
        },
    )
    if created:
        update_change_reason(period, by.command)
    return period, created


def _faults(row: PaymentPeriodRow, cohorts: dict[int, Cohort]) -> Iterable[Refusal]:
    name = row["period"]
    if row["cohort"] not in cohorts:
        yield Refusal("cohort", ErrorCode.UNKNOWN_COHORT, f"There is no cohort {row['cohort']}.")
    if not 0 < len(name) <= 100 or not name.isprintable():
        sentence = "A period's name has 1 to 100 printable characters."
        yield Refusal("period", ErrorCode.INVALID, sentence)
    if row["payment_date"] < row["deadline_date"]:
        yield Refusal(
            "payment", ErrorCode.INVALID, f"{name} would be paid before its deadline has passed."
        )


def _has_dates(period: PaymentPeriod, deadline: date, payment: date) -> bool:
    return (period.deadline_date, period.payment_date) == (deadline, payment)


def _difference(period: PaymentPeriod, row: PaymentPeriodRow) -> str:
    return (
        f"{period} has deadline {period.deadline_date} and payment date {period.payment_date},"
        f" not {row['deadline_date']} and {row['payment_date']}."
    )


def open_for_every_provider(
    period: PaymentPeriod, providers: Iterable[LeadProvider], *, by: Actor, at: datetime
) -> list[Statement]:
    """Open the statements of a ``period`` for all ``providers``, and return them (rules 2.5)."""
    if not period.for_every_provider:
        period.for_every_provider = True
        period.save(update_fields=["for_every_provider"])
        update_change_reason(period, by.command)
    return [open_for(provider, period, by=by, at=at) for provider in providers]


def open_for(
    lead_provider: LeadProvider, period: PaymentPeriod, *, by: Actor, at: datetime
) -> Statement:
    """Open the statement of a ``period`` for one provider, if it is not there, and return it."""
    statement, created = Statement.objects.get_or_create(
        lead_provider=lead_provider,
        period=period,
        defaults={"created_at": at, "updated_at": at},
    )
    if created:
        StatementEvent.objects.create(
            statement=statement,
            to_state=StatementState.OPEN,
            at=at,
            reason="Opened.",
            **by.columns(),
        )
    return statement


def take_on_waiting(
    providers: Iterable[LeadProvider], cohorts: Iterable[Cohort], *, by: Actor, at: datetime
) -> None:
    """Attach the declarations and clawbacks that found no open statement (rules 10.4, 10.7)."""
    cohorts = list(cohorts)
    for provider in providers:
        for cohort in cohorts:
            statement = lock_open_statement(provider, cohort, at=at)
            if statement is not None:
                _attach_waiting(statement, by=by, at=at)


def _attach_waiting(statement: Statement, *, by: Actor, at: datetime) -> None:
    submitted = Declaration.objects.filter(lead_provider=statement.lead_provider_id)
    cohort = statement.period.cohort_id
    declarations = submitted.filter(
        state=DeclarationState.ELIGIBLE, statement__isnull=True, application__cohort=cohort
    )
    # Not the application's cohort: it may have left the one that paid (rules 10.7).
    clawbacks = submitted.filter(
        state=DeclarationState.AWAITING_CLAWBACK,
        clawback_statement__isnull=True,
        statement__period__cohort=cohort,
    )
    reason = "A statement took on what waited."
    attach_together(declarations, {"statement": statement}, by=by, at=at, reason=reason)
    attach_together(clawbacks, {"clawback_statement": statement}, by=by, at=at, reason=reason)
