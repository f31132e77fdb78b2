"""Lets the stories of the demo happen, through the services, in the order of time (rules 11.8)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from declarations.choices import StatementState
from declarations.models import Declaration, Statement
from declarations.services import (
    Submission,
    load_contract_prices,
    load_payment_periods,
    make_payable,
    mark_paid,
    record_declaration,
    void_declaration,
)
from npq_portal.back_office.demo.access import TOKEN_DESCRIPTION
from npq_portal.back_office.demo.dates import AGE, FIRST_DAY, PERIODS, DemoDates
from npq_portal.back_office.demo.people import Applicant, applicants, as_lines
from npq_portal.back_office.demo.stories import Step
from npq_portal.clock import london_day
from npq_portal.errors import Refusals
from npq_portal.history import Actor
from npq_portal.progress import Watch
from npq_portal.providers.models import LeadProvider
from npq_portal.providers.services import (
    create_api_token,
    create_lead_provider,
    revoke_api_token,
)
from outcomes.services import record_outcome
from participants.models import Application
from participants.services import (
    accept_application,
    change_schedule,
    defer_participant,
    reject_application,
    resume_participant,
    withdraw_participant,
)
from participants.services.importing import import_applications
from schedules import services as schedules
from schedules.choices import DeclarationType
from schedules.csv_rows import Fault, read_rows
from schedules.models import Cohort, Course, Milestone, Schedule

Happening = tuple[datetime, Callable[[], Any]]


def seed(
    dates: DemoDates,
    providers: tuple[str, ...],
    *,
    participants: int,
    by: Actor,
    watch: Watch = iter,
) -> None:
    """Fill an empty database with a cohort around today and what has happened in it so far."""
    at = dates.instant(FIRST_DAY)
    _load_cohort(dates, by=by, at=at)
    tokens = {name: _provider_with_token(name, by=by, at=at) for name in providers}
    _unusable_tokens(tokens[providers[0]][0], dates, by=by)
    people = applicants(participants, providers)
    import_applications(as_lines(people, dates.cohort, providers), by=by, at=at)
    _load_prices(dates, [provider for provider, _token in tokens.values()][:-1], by=by)
    happenings = [_payment(dates, *period, by=by) for period in PERIODS[:2]]
    happenings += [_deadline(dates, deadline, by=by) for deadline, _ in PERIODS[:3]]
    for number, applicant in enumerate(people):
        provider, token = tokens[applicant.provider]
        life = _Life(applicant, provider, token, dates, minutes=number % 480)
        happenings += life.happenings()
    for _at, happen in watch(sorted(happenings, key=lambda happening: happening[0])):
        happen()


def _load_cohort(dates: DemoDates, *, by: Actor, at: datetime) -> None:
    faults: list[Fault] = []
    files = dates.files()
    for name, load in (
        ("cohorts.csv", schedules.load_cohorts),
        ("schedules.csv", schedules.load_schedules),
        ("milestones.csv", partial(schedules.load_milestones, at=at)),
    ):
        load(read_rows(files[name], schedules.COLUMNS[name], faults), by=by)
    assert not faults, faults  # noqa: S101 - the files are our own
    load_payment_periods(
        [
            {
                "cohort": dates.cohort,
                "period": f"{dates.day(payment):%B %Y}",
                "deadline_date": dates.day(deadline),
                "payment_date": dates.day(payment),
            }
            for deadline, payment in PERIODS
        ],
        by=by,
        at=at,
    )


def _load_prices(dates: DemoDates, providers: list[LeadProvider], *, by: Actor) -> None:
    cohort = Cohort.objects.get(start_year=dates.cohort)
    load_contract_prices(
        (
            {
                "lead_provider": provider,
                "cohort": cohort,
                "course": course,
                "price_per_participant": Decimal(820 + 15 * number),
            }
            for provider in providers
            for number, course in enumerate(Course.objects.all())
        ),
        by=by,
    )


def _provider_with_token(name: str, *, by: Actor, at: datetime) -> tuple[LeadProvider, Actor]:
    provider = create_lead_provider(name=name, by=by, at=at)
    token, _secret = create_api_token(
        lead_provider=provider, description=TOKEN_DESCRIPTION, by=by, at=at
    )
    return provider, Actor(token_id=token.pk)


def _unusable_tokens(provider: LeadProvider, dates: DemoDates, *, by: Actor) -> None:
    at = dates.instant(FIRST_DAY)
    create_api_token(
        lead_provider=provider,
        expires_on=dates.day(0),
        description="A trial, expired",
        by=by,
        at=at,
    )
    leaked, _secret = create_api_token(
        lead_provider=provider, description="Leaked, revoked", by=by, at=at
    )
    revoke_api_token(
        token_id=leaked.pk, by=by, at=dates.instant(1), reason="It was sent in an e-mail."
    )


def _deadline(dates: DemoDates, deadline: int, *, by: Actor) -> Happening:
    at = dates.instant(deadline + 1, minutes=-60)
    return at, lambda: make_payable(as_of=london_day(at), by=by, at=at)


def _payment(dates: DemoDates, _deadline: int, payment: int, *, by: Actor) -> Happening:
    at = dates.instant(payment)

    def pay() -> None:
        due = Statement.objects.filter(
            state=StatementState.PAYABLE, period__payment_date__lte=london_day(at)
        )
        for statement in due:
            mark_paid(statement_id=statement.pk, by=by, at=at)

    return at, pay


class _Life:
    """What a provider does about one applicant, at the same time of the day each time."""

    def __init__(
        self,
        applicant: Applicant,
        provider: LeadProvider,
        token: Actor,
        dates: DemoDates,
        *,
        minutes: int,
    ) -> None:
        self.applicant = applicant
        self.provider = provider
        self.by = token
        self.dates = dates
        self.minutes = minutes

    def happenings(self) -> list[Happening]:
        return [self._happening(step) for step in self.applicant.story.steps if step.day <= AGE]

    def _happening(self, step: Step) -> Happening:
        at = self.dates.instant(step.day, minutes=self.minutes)
        return at, lambda: getattr(self, step.verb)(step.value, at)

    def accept(self, _value: str, at: datetime) -> None:
        accept_application(
            lead_provider=self.provider,
            application_id=self.applicant.application_id,
            by=self.by,
            at=at,
        )

    def reject(self, _value: str, at: datetime) -> None:
        reject_application(
            lead_provider=self.provider,
            application_id=self.applicant.application_id,
            by=self.by,
            at=at,
        )

    def withdraw(self, reason: str, at: datetime) -> None:
        withdraw_participant(**self._about(at), reason=reason)

    def defer(self, reason: str, at: datetime) -> None:
        defer_participant(**self._about(at), reason=reason)

    def resume(self, _value: str, at: datetime) -> None:
        resume_participant(**self._about(at))

    def move(self, _value: str, at: datetime) -> None:
        application = self._application()
        (other,) = Schedule.objects.filter(
            cohort=application.cohort, group=application.course.group
        ).exclude(applications=application)
        change_schedule(**self._about(at), schedule_identifier=other.identifier, cohort=None)

    def declare(self, kind: str, at: datetime, *, has_passed: bool = True) -> None:
        milestones = Milestone.objects.filter(schedule__applications=self._application())
        if not milestones.filter(declaration_type=kind).exists():
            return  # the stories are for all courses, and some have one retention only
        record_declaration(
            lead_provider=self.provider,
            submission=Submission(
                participant_id=self.applicant.participant_id,
                declaration_type=kind,
                declaration_date=at - timedelta(hours=1),
                course_identifier=self.applicant.course,
                has_passed=has_passed if kind == DeclarationType.COMPLETED else None,
            ),
            refusals=Refusals(),
            by=self.by,
            at=at,
        )

    def fail(self, _value: str, at: datetime) -> None:
        self.declare("completed", at, has_passed=False)

    def outcome(self, state: str, at: datetime) -> None:
        record_outcome(**self._about(at), state=state, completion_date=london_day(at))

    def void(self, kind: str, at: datetime) -> None:
        declaration = Declaration.objects.in_slot().get(
            application=self.applicant.application_id, declaration_type=kind
        )
        void_declaration(
            lead_provider=self.provider, declaration_id=declaration.pk, by=self.by, at=at
        )

    def _application(self) -> Application:
        return Application.objects.select_related("course", "cohort").get(
            pk=self.applicant.application_id
        )

    def _about(self, at: datetime) -> dict[str, Any]:
        return {
            "lead_provider": self.provider,
            "participant_id": self.applicant.participant_id,
            "course_identifier": self.applicant.course,
            "refusals": Refusals(),
            "by": self.by,
            "at": at,
        }
