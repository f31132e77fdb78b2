"""Recording declarations (rules 8.1 to 8.9)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from declarations import rules
from declarations.choices import DeclarationState
from declarations.models import Declaration, DeclarationEvent
from declarations.services.records import facts_of, lock_open_statement
from declarations.signals import completion_declared
from npq_portal.clock import whole_seconds
from npq_portal.errors import BASE, ErrorCode, NotFound, Refusals
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from participants.identity import merged_into
from participants.models import Application, Participant
from participants.services.records import lock_applications, lock_participant
from schedules.choices import DeclarationType
from schedules.models import Course, Milestone


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a provider declares; None was missing or malformed and stands in the refusals."""

    participant_id: UUID | None
    declaration_type: str | None
    declaration_date: datetime | None
    course_identifier: str | None
    has_passed: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Complete:
    application: Application
    declaration_type: str
    declaration_date: datetime
    has_passed: bool | None


@transaction.atomic
def record_declaration(
    *,
    lead_provider: LeadProvider,
    submission: Submission,
    refusals: Refusals,
    by: Actor,
    at: datetime,
) -> Declaration:
    """Record what ``lead_provider`` declares and return it; an exact copy returns the first.

    ``refusals`` are the faults of form found so far. Raises Refused with them and with whatever
    rules 8.3 to 8.7 forbid.
    """
    copied = _Attempt(lead_provider, submission, refusals, at).copied()
    if copied is not None:
        return copied
    persons = _lock_persons(lead_provider, submission)
    # Only now: a rule that is asked before the locks may see a copy that arrives meanwhile as a
    # rival, which it is not.
    found = _Attempt(lead_provider, submission, refusals, at).examine()
    if isinstance(found, Declaration):
        return found
    return _write(lead_provider, found, persons, by=by, at=at)


def _lock_persons(lead_provider: LeadProvider, submission: Submission) -> list[Participant]:
    """Lock and return every record of the person, if this provider has them, and applications."""
    if submission.participant_id is None:
        return []
    try:
        persons = lock_participant(lead_provider, submission.participant_id)
    except NotFound:
        return []
    lock_applications(
        Application.objects.filter(
            participant__in=persons, course__identifier=submission.course_identifier
        )
    )
    return persons


class _Attempt:
    """One look at a submission: the copy first, then every rule whose inputs are there."""

    def __init__(
        self,
        lead_provider: LeadProvider,
        submission: Submission,
        noted: Refusals,
        at: datetime,
    ) -> None:
        self.lead_provider = lead_provider
        self.participant_id = submission.participant_id
        self.type = submission.declaration_type
        self.at = at
        date = submission.declaration_date
        self.date = None if date is None else whole_seconds(date)
        self.course_identifier = submission.course_identifier
        self.course = (
            Course.objects.select_related("group").filter(identifier=self.course_identifier).first()
        )
        self.needs_has_passed = (
            self.type == DeclarationType.COMPLETED
            and self.course is not None
            and self.course.group.has_outcomes
        )
        self.has_passed = submission.has_passed if self.needs_has_passed else None
        self.refusals = Refusals()
        for it in noted:
            if it.attribute != "has_passed" or self.needs_has_passed:
                self.refusals.add(it.attribute, it.code, it.sentence)

    def examine(self) -> Declaration | _Complete:
        """Return the declaration this is a copy of, else what to record; raise Refused."""
        copied = self.copied()
        if copied is not None:
            return copied
        self._check_has_passed()
        self._check_not_in_future()
        application = self._application()
        if application is not None:
            self._check_type(application)
            self._check_date(application)
            self._check_slot(application)
        self.refusals.raise_any()
        if application is None or self.type is None or self.date is None:
            raise ValueError("A value that is missing must stand in the refusals.")
        return _Complete(
            application=application,
            declaration_type=self.type,
            declaration_date=self.date,
            has_passed=self.has_passed,
        )

    def copied(self) -> Declaration | None:
        """Return the declaration of which this is an exact copy (rules 8.2)."""
        if self.participant_id is None or self.type is None or self.date is None:
            return None
        if self.course is None or (self.needs_has_passed and self.has_passed is None):
            return None
        return (
            Declaration.objects.in_slot()
            .filter(
                Q(has_passed=self.has_passed)
                if self.has_passed is not None
                else Q(has_passed__isnull=True),
                lead_provider=self.lead_provider,
                application__participant=self.participant_id,
                application__course=self.course,
                declaration_type=self.type,
                declaration_date=self.date,
            )
            .order_by("created_at", "id")
            .first()
        )

    def _check_has_passed(self) -> None:
        if self.needs_has_passed and self.has_passed is None:
            self.refusals.add(
                "has_passed",
                ErrorCode.MISSING,
                "A completed declaration for this course needs has_passed, true or false.",
            )

    def _check_not_in_future(self) -> None:
        if self.date is not None and self.date > self.at:
            self.refusals.add(
                "declaration_date",
                ErrorCode.DATE_IN_FUTURE,
                "The declaration date is in the future; it must be now or earlier.",
            )

    def _application(self) -> Application | None:
        """Return the enrolment that participant and course name (rules 7.1, 8.3)."""
        if self.course_identifier is not None and self.course is None:
            self.refusals.add(
                "course_identifier",
                ErrorCode.UNKNOWN_COURSE,
                f"There is no course {self.course_identifier!r}.",
            )
        if self.participant_id is None:
            return None
        held = Application.objects.for_provider(self.lead_provider).accepted()
        held = held.filter(participant=self.participant_id)
        if not held.exists():
            self._refuse_participant(self.participant_id)
            return None
        if self.course is None:
            return None
        enrolments = list(
            held.filter(course=self.course)
            .select_related("participant", "cohort", "schedule")
            .order_by("id")
        )
        if not enrolments:
            self.refusals.add(
                "course_identifier",
                ErrorCode.NO_ACCEPTED_APPLICATION,
                f"The participant has no accepted application for {self.course} with you.",
            )
            return None
        return min(enrolments, key=lambda it: it.is_withdrawn)

    def _refuse_participant(self, participant_id: UUID) -> None:
        survivor = merged_into(self.lead_provider, participant_id)
        if survivor is None:
            self.refusals.add(
                "participant_id", ErrorCode.UNKNOWN_PARTICIPANT, "You have no such participant."
            )
        else:
            self.refusals.add(
                "participant_id",
                ErrorCode.MERGED_AWAY,
                f"The participant was merged into {survivor}; use that id from now on.",
            )

    def _check_type(self, application: Application) -> None:
        if self.type is None:
            return
        milestones = Milestone.objects.filter(schedule=application.schedule_id)
        types = list(milestones.values_list("declaration_type", flat=True))
        if self.type not in types:
            self.refusals.add(
                "declaration_type",
                ErrorCode.TYPE_NOT_IN_SCHEDULE,
                f"{application.schedule} has no {self.type!r} milestone; it has"
                f" {', '.join(types) or 'none at all'}.",
            )

    def _check_date(self, application: Application) -> None:
        if self.date is None:
            return
        first = (
            Milestone.objects.filter(schedule=application.schedule_id)
            .order_by("start_date")
            .first()
        )
        if first is not None and self.date < first.starts_at:
            self.refusals.add(
                "declaration_date",
                ErrorCode.DATE_BEFORE_SCHEDULE,
                f"The schedule starts on {first.start_date}; the declaration date must be on that"
                " day or later.",
            )
        if application.withdrawn_at is not None and self.date >= application.withdrawn_at:
            self.refusals.add(
                "declaration_date",
                ErrorCode.DATE_AFTER_WITHDRAWAL,
                "The participant has withdrawn from this course; the declaration date must be"
                f" before {application.withdrawn_at:%Y-%m-%dT%H:%M:%SZ}.",
            )

    def _check_slot(self, application: Application) -> None:
        if self.type is None:
            return
        same_type = Declaration.objects.filter(declaration_type=self.type)
        elsewhere = same_type.counted().filter(
            application__participant=application.participant_id,
            application__course=application.course_id,
        )
        if same_type.in_slot().filter(application=application).exists() or elsewhere.exists():
            self.refusals.add(
                BASE,
                ErrorCode.SLOT_TAKEN,
                f"A {self.type} declaration for this participant and course exists already; it"
                " must be voided before another is made.",
            )


def _write(
    lead_provider: LeadProvider,
    submitted: _Complete,
    persons: Collection[Participant],
    *,
    by: Actor,
    at: datetime,
) -> Declaration:
    application = submitted.application
    duplicated = _duplicated(submitted, persons)
    state = rules.assess(facts_of(application, duplicate=duplicated is not None))
    statement = None
    if state == DeclarationState.ELIGIBLE:
        statement = lock_open_statement(lead_provider, application.cohort, at=at)
    declaration = Declaration.objects.create(
        application=application,
        lead_provider=lead_provider,
        declaration_type=submitted.declaration_type,
        declaration_date=submitted.declaration_date,
        has_passed=submitted.has_passed,
        state=state,
        duplicate_of=duplicated,
        statement=statement,
        created_at=at,
        updated_at=at,
    )
    DeclarationEvent.objects.create(
        declaration=declaration,
        to_state=state,
        statement=statement,
        at=at,
        reason="Recorded.",
        **by.columns(),
    )
    if declaration.has_passed is not None:
        completion_declared.send(sender=Declaration, declaration=declaration, by=by, at=at)
    return declaration


def _duplicated(submitted: _Complete, persons: Collection[Participant]) -> Declaration | None:
    """Return what another record of the same person has in this slot (rules 8.9)."""
    participant_id = submitted.application.participant_id
    return (
        Declaration.objects.counted()
        .filter(
            application__participant__in=[it.pk for it in persons if it.pk != participant_id],
            application__course=submitted.application.course_id,
            declaration_type=submitted.declaration_type,
        )
        .order_by("created_at", "id")
        .first()
    )
