"""The kinds of correction that a file can hold, and the columns of each (rules 14.16)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from declarations.models import Declaration
from npq_portal.back_office.correction_files.reading import (
    Column,
    day,
    identifier,
    one_of,
    year,
    yes_or_no,
)
from npq_portal.back_office.corrections.kinds import KINDS, Kind
from npq_portal.clock import parse_day
from npq_portal.errors import ErrorCode, Refusal, Refused
from participants.choices import FundingIneligibility, WithdrawalReason
from participants.models import Application
from schedules.models import Schedule

PATHS_TO_PARTICIPANT: Mapping[type[Model], str] = {
    Application: "participant",
    Declaration: "application__participant",
}

Values = Mapping[str, str]
"""The cells of a row by their columns, without the record's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """A kind of correction as a file has it; ``columns`` begin with the record's id.

    ``arguments`` makes of a row's values what the kind's service is called with, and raises Refused
    where they name what is not there.
    """

    slug: str
    columns: tuple[Column, ...]
    arguments: Callable[[Values], dict[str, Any]]

    @property
    def kind(self) -> Kind:
        """The correction that each row asks for."""
        return KINDS[self.slug]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [it.name for it in self.columns]

    @property
    def about(self) -> str:
        """What kind of record it corrects, for people."""
        return str(self.kind.about._meta.verbose_name)  # noqa: SLF001 - documented for everybody

    @property
    def records(self) -> QuerySet[Any]:
        """All records that it can correct."""
        return self.kind.about._default_manager.all()  # noqa: SLF001 - as managers are

    @property
    def path_to_participant(self) -> str:
        """The lookup that leads from a record to its participant."""
        return PATHS_TO_PARTICIPANT[self.kind.about]


def _withdrawal(values: Values) -> dict[str, Any]:
    return {**values, "withdrawn_on": parse_day(values["withdrawn_on"])}


def _schedule(values: Values) -> dict[str, Any]:
    identifier, cohort = values["schedule_identifier"], values["cohort"]
    schedule = (
        Schedule.objects.select_related("cohort")
        .filter(identifier=identifier, cohort__start_year=int(cohort))
        .first()
    )
    if schedule is None:
        unknown = f"Cohort {cohort} has no schedule {identifier!r}."
        raise Refused(Refusal("schedule_identifier", ErrorCode.UNKNOWN_SCHEDULE, unknown))
    return {"schedule": schedule}


def _funding(values: Values) -> dict[str, Any]:
    return {
        "eligible_for_funding": values["eligible_for_funding"] == "true",
        "ineligible_for_funding_reason": values.get("ineligible_for_funding_reason") or None,
    }


def _nothing(values: Values) -> dict[str, Any]:
    return {}


_APPLICATION = Column(
    name="application_id",
    told="The id of the application",
    example="01a20c40-c3a1-7d31-9d0e-2b8f64f0a7c5",
    read=identifier,
)

_DECLARATION = Column(
    name="declaration_id",
    told="The id of the declaration, which must not be paid",
    example="01a20c41-0f2b-7a64-8c1d-5e7f90b3d218",
    read=identifier,
)

_ALL = (
    FileKind(
        slug="withdraw",
        columns=(
            _APPLICATION,
            Column(
                name="withdrawn_on",
                told="The London day of leaving; written as 31/01/2026, it is read as well",
                example="2026-01-31",
                read=day,
            ),
            Column(
                name="withdrawal_reason",
                told=f"One of {', '.join(WithdrawalReason.values)}",
                example=WithdrawalReason.PERSONAL_REASON_OTHER.value,
                read=one_of(WithdrawalReason.values),
            ),
        ),
        arguments=_withdrawal,
    ),
    FileKind(
        slug="change-schedule",
        columns=(
            _APPLICATION,
            Column(
                name="schedule_identifier",
                told="The identifier of the new schedule",
                example="npq-leadership-autumn",
                read=str,
            ),
            Column(
                name="cohort",
                told="The cohort of the new schedule, which becomes that of the application",
                example="2026",
                read=year,
            ),
        ),
        arguments=_schedule,
    ),
    FileKind(
        slug="change-funding",
        columns=(
            _APPLICATION,
            Column(
                name="eligible_for_funding",
                told="true or false",
                example="false",
                read=yes_or_no,
            ),
            Column(
                name="ineligible_for_funding_reason",
                told=f"One of {', '.join(FundingIneligibility.values)}; empty if it is not known",
                example=FundingIneligibility.PREVIOUSLY_FUNDED.value,
                read=one_of(FundingIneligibility.values),
                is_optional=True,
            ),
        ),
        arguments=_funding,
    ),
    FileKind(slug="revert", columns=(_APPLICATION,), arguments=_nothing),
    FileKind(slug="void", columns=(_DECLARATION,), arguments=_nothing),
)

FILE_KINDS = {it.slug: it for it in _ALL}
"""Every kind that a file can hold by its slug, in the order in which they are offered."""
