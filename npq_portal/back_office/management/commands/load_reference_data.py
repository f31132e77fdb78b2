"""``load_reference_data`` (rules 2.6, 11.2)."""

import io
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from declarations.services import (
    ContractPriceRow,
    load_contract_prices,
    load_payment_periods,
)
from declarations.services.statements import PaymentPeriodRow
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from schedules import services
from schedules.csv_rows import ENCODING, UNDECODED, Fault, Row, read_rows
from schedules.models import Course
from schedules.services import LoadReport

STATEMENTS = "statements.csv"
CONTRACT_PRICES = "contract_prices.csv"
COLUMNS = services.COLUMNS | {
    STATEMENTS: ("cohort", "period", "deadline_date", "payment_date"),
    CONTRACT_PRICES: ("provider", "cohort", "course", "price_per_participant"),
}
"""The columns of every file, in the order in which the files need each other."""

Loader = Callable[[Iterable[Row]], LoadReport]


class Command(BaseCommand):
    help = (
        "Load cohorts, courses, schedules, milestones, statements and contract prices from CSV"
        " files: all of them or, when a row is faulty, nothing. Rows that are known are left as"
        " they are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files",
            metavar="FILE",
            nargs="*",
            help=f"one of {', '.join(COLUMNS)}, in any folder; without, the shipped data",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        contents = _read(options["files"] or shipped_files())
        by, at = Actor(command="load_reference_data"), timezone.now()
        faults: list[Fault] = []
        with transaction.atomic():
            reports = [
                (file, _load(file, content, faults, by=by, at=at)) for file, content in contents
            ]
            if faults:
                raise CommandError("\n".join(["Nothing was loaded.", *map(str, faults)]))
        for file, report in reports:
            self._tell(file, report)

    def _tell(self, file: str, report: LoadReport) -> None:
        for difference in report.differing:
            self.stderr.write(f"{file}: left as it is: {difference}")
        for change in report.changed:
            self.stderr.write(f"{file}: {change}", style_func=str)
        self.stderr.write(
            f"{file}: {report.added} added, {report.same} known,"
            f" {len(report.differing)} known with other values, {len(report.changed)} changed.",
            style_func=str,
        )


def shipped_files() -> list[str]:
    """Return the files that come with the service; contracts are made with each provider."""
    return [
        str(
            Path(settings.BASE_DIR)
            / ("declarations" if name == STATEMENTS else "schedules")
            / "reference_data"
            / name
        )
        for name in COLUMNS
        if name != CONTRACT_PRICES
    ]


def _read(files: list[str]) -> list[tuple[str, bytes]]:
    unknown = [file for file in files if Path(file).name not in COLUMNS]
    if unknown:
        raise CommandError(
            f"{', '.join(unknown)}: not a name of reference data. Known: {', '.join(COLUMNS)}."
        )
    order = list(COLUMNS)
    files = sorted(files, key=lambda file: order.index(Path(file).name))
    try:
        return [(file, Path(file).read_bytes()) for file in files]
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}.") from error


def _load(file: str, content: bytes, faults: list[Fault], *, by: Actor, at: datetime) -> LoadReport:
    name = Path(file).name
    lines = io.TextIOWrapper(io.BytesIO(content), encoding=ENCODING, errors=UNDECODED, newline="")
    return _loader(name, by, at)(read_rows(lines, COLUMNS[name], faults, file=file))


def _loader(name: str, by: Actor, at: datetime) -> Loader:
    loaders: dict[str, Loader] = {
        "cohorts.csv": partial(services.load_cohorts, by=by),
        "course_groups.csv": partial(services.load_course_groups, by=by),
        "courses.csv": partial(services.load_courses, by=by),
        "schedules.csv": partial(services.load_schedules, by=by),
        "milestones.csv": partial(services.load_milestones, by=by, at=at),
        STATEMENTS: partial(_load_statements, by=by, at=at),
        CONTRACT_PRICES: partial(_load_contract_prices, by=by),
    }
    return loaders[name]


def _load_statements(rows: Iterable[Row], *, by: Actor, at: datetime) -> LoadReport:
    periods: list[PaymentPeriodRow] = []
    for row in rows:
        cohort, period = services.find_cohort(row), row.text("period", 100)
        deadline, payment = row.day("deadline_date"), row.day("payment_date")
        if row.is_good and payment < deadline:
            row.fault("payment_date", f"{payment} is before deadline_date.")
        if row.is_good and cohort is not None:
            periods.append(
                {
                    "cohort": cohort.start_year,
                    "period": period,
                    "deadline_date": deadline,
                    "payment_date": payment,
                }
            )
    return load_payment_periods(periods, by=by, at=at)


def _load_contract_prices(rows: Iterable[Row], *, by: Actor) -> LoadReport:
    prices: list[ContractPriceRow] = []
    for row in rows:
        provider, course = row.cells["provider"], row.cells["course"]
        known_provider = LeadProvider.objects.filter(name=provider).first()
        known_course = Course.objects.filter(identifier=course).first()
        cohort, price = services.find_cohort(row), row.money("price_per_participant")
        if known_provider is None:
            row.fault("provider", f"there is no lead provider {provider!r}.")
        if known_course is None:
            row.fault("course", f"there is no course {course!r}.")
        if row.is_good and known_provider and cohort and known_course:
            prices.append(
                {
                    "lead_provider": known_provider,
                    "cohort": cohort,
                    "course": known_course,
                    "price_per_participant": price,
                }
            )
    return load_contract_prices(prices, by=by)
