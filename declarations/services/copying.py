"""Copying a cohort to another year (rules 14.12)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from declarations.models import PaymentPeriod
from declarations.services.records import lock_providers
from declarations.services.statements import open_for, take_on_waiting
from npq_portal.corrections import sign_version
from npq_portal.history import Actor
from schedules.models import Cohort
from schedules.rules import moved_by_years, name_moved_by_years
from schedules.services.editing import copy_schedules


@dataclass(frozen=True, slots=True)
class CopyReport:
    """The ``cohort`` that was filled: the names of what was ``added``, and of what was ``kept``."""

    cohort: Cohort
    added: list[str]
    kept: list[str]


@transaction.atomic
def copy_cohort(
    *, from_year: int, to_year: int, reason: str, by: Actor, at: datetime
) -> CopyReport:
    """Copy schedules and payment periods of a cohort to another, dates moved by whole years.

    What the other cohort has already stays as it is. Statements are open to the same providers.
    Raises NotFound when there is no cohort ``from_year``, Refused as rules 14.12 say.
    """
    schedules = copy_schedules(from_year=from_year, to_year=to_year, reason=reason, by=by, at=at)
    report = CopyReport(schedules.target, schedules.added, schedules.kept)
    providers = lock_providers(None)
    known = set(report.cohort.payment_periods.values_list("name", flat=True))
    for original in schedules.source.payment_periods.all():
        period = _copied(original, report.cohort, to_year - from_year)
        if period.name in known:
            report.kept.append(period.name)
            continue
        report.added.append(period.name)
        sign_version(period, reason=reason, by=by, at=at)
        period.save()
        had_it = set(original.statements.values_list("lead_provider", flat=True))
        for provider in providers:
            if period.for_every_provider or provider.pk in had_it:
                open_for(provider, period, by=by, at=at)
    take_on_waiting(providers, [report.cohort], by=by, at=at)
    return report


def _copied(period: PaymentPeriod, cohort: Cohort, years: int) -> PaymentPeriod:
    dates = (period.payment_date, period.deadline_date)
    return PaymentPeriod(
        cohort=cohort,
        name=name_moved_by_years(period.name, dates, years),
        deadline_date=moved_by_years(period.deadline_date, years),
        payment_date=moved_by_years(period.payment_date, years),
        for_every_provider=period.for_every_provider,
    )
