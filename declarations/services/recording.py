"""Recording declarations (rules 8.1 to 8.9)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from declarations.models import Declaration
from declarations.services.circumstances import (
    Circumstances,
    Standing,
    milestones_of,
    standing_of,
)
from declarations.services.claims import Claim, keep_need_of_has_passed, write_claim
from npq_portal.clock import whole_seconds
from npq_portal.errors import ErrorCode, NotFound, Refusals
from npq_portal.history import Actor
from npq_portal.prepared import ask
from npq_portal.providers.models import LeadProvider
from participants.choices import ApplicationStatus
from participants.identity import merged_into
from participants.models import Application
from participants.services.courses import (
    named_first,
    refusal_of_course,
    refusal_of_unknown_course,
)
from participants.services.records import applications_for_course, lock_participant, on_a_person
from schedules.choices import DeclarationType
from schedules.models import Course, Milestone
from schedules.services.keeping import find_course

NOTHING = ""
"""Names no course and no type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a provider declares; None was missing or malformed and stands in the refusals."""

    participant_id: UUID | None
    declaration_type: str | None
    declaration_date: datetime | None
    course_identifier: str | None
    has_passed: bool | None


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
    completed = _completed_course(submission)
    needs_has_passed = completed is not None and completed.group.has_outcomes
    attempt = _Attempt(lead_provider, submission, needs_has_passed, refusals, at)
    copied = attempt.copy_among(_standing(submission))
    if copied is not None:
        return copied
    return _record(
        lead_provider=lead_provider,
        submission=submission,
        completed=completed,
        refusals=refusals,
        by=by,
        at=at,
    )


def _completed_course(submission: Submission) -> Course | None:
    """Return the course that is declared to be completed, None when something else is declared."""
    if submission.declaration_type != DeclarationType.COMPLETED:
        return None
    return find_course(submission.course_identifier)


@on_a_person
def _record(
    *,
    lead_provider: LeadProvider,
    submission: Submission,
    completed: Course | None,
    refusals: Refusals,
    by: Actor,
    at: datetime,
) -> Declaration:
    locked = _lock_person(lead_provider, submission)
    needs_has_passed = keep_need_of_has_passed(completed)
    attempt = _Attempt(lead_provider, submission, needs_has_passed, refusals, at)
    # Only now: a rule that is asked before the locks may see a copy that arrives meanwhile as a
    # rival, which it is not.
    copied = attempt.copy_among(locked.standing)
    if copied is not None:
        return copied
    circumstances = attempt.examine(locked)
    return write_claim(
        attempt.claim,
        circumstances,
        lead_provider=lead_provider,
        reason="Recorded.",
        by=by,
        at=at,
    )


@dataclass(frozen=True, slots=True)
class _Locked:
    """The records of a person, and what they have for the course, all locked by ids."""

    records: Collection[UUID] = ()
    applications: Sequence[Application] = ()
    milestones: Sequence[Milestone] = ()
    standing: Sequence[Standing] = ()


def _lock_person(lead_provider: LeadProvider, submission: Submission) -> _Locked:
    """Lock the person, if this provider has them, and their applications for the course."""
    participant_id = submission.participant_id
    if participant_id is None:
        return _Locked()
    course_identifier = submission.course_identifier or NOTHING
    declaration_type = submission.declaration_type or NOTHING
    try:
        records, answers = lock_participant(
            lead_provider,
            participant_id,
            applications_for_course(participant_id, course_identifier),
            milestones_of(participant_id, course_identifier),
            standing_of(participant_id, course_identifier, declaration_type),
        )
    except NotFound:
        return _Locked(standing=_standing(submission))
    return _Locked(records, *answers)


def _standing(submission: Submission) -> Sequence[Standing]:
    """Return what holds slots of the declared type, whether or not it is the provider's to see."""
    course_identifier, declaration_type = submission.course_identifier, submission.declaration_type
    if submission.participant_id is None or course_identifier is None or declaration_type is None:
        return []
    (standing,) = ask(standing_of(submission.participant_id, course_identifier, declaration_type))
    return list(standing)


class _Attempt:
    """One look at a submission: the copy first, then every rule whose inputs are there."""

    def __init__(
        self,
        lead_provider: LeadProvider,
        submission: Submission,
        needs_has_passed: bool,
        noted: Refusals,
        at: datetime,
    ) -> None:
        self.lead_provider = lead_provider
        self.participant_id = submission.participant_id
        self.type = submission.declaration_type
        self.at = at
        self.course_identifier = submission.course_identifier
        date = submission.declaration_date
        self.claim = Claim(
            declaration_type=self.type,
            declaration_date=None if date is None else whole_seconds(date),
            has_passed=submission.has_passed if needs_has_passed else None,
            needs_has_passed=needs_has_passed,
        )
        self.refusals = Refusals()
        for it in noted:
            if it.attribute != "has_passed" or needs_has_passed:
                self.refusals.note(it)

    def copy_among(self, standing: Sequence[Standing]) -> Declaration | None:
        """Return the declaration of which this is an exact copy (rules 8.2)."""
        claim = self.claim
        if claim.declaration_date is None or (claim.needs_has_passed and claim.has_passed is None):
            return None
        made = (self.lead_provider.pk, claim.declaration_date, claim.has_passed)
        copies = (
            it
            for it, participant_id in standing
            if participant_id == self.participant_id
            and (it.lead_provider_id, it.declaration_date, it.has_passed) == made
        )
        return next(copies, None)

    def examine(self, locked: _Locked) -> Circumstances:
        """Return what the claim was held against; raise Refused."""
        self.claim.check(self.refusals, at=self.at)
        application = self._application(locked)
        if application is None:
            self.refusals.raise_any()
            raise ValueError("An application that is missing must stand in the refusals.")
        circumstances = Circumstances.of(application, locked.milestones, locked.standing)
        self.claim.check_against(circumstances, self.refusals)
        self.refusals.raise_any()
        return circumstances

    def _application(self, locked: _Locked) -> Application | None:
        """Return the enrolment that participant and course name (rules 7.1, 8.3)."""
        enrolments = named_first(it for it in locked.applications if self._is_own(it))
        if enrolments:
            return enrolments[0]
        course = self.course_identifier
        if course is not None:
            refusal_of = refusal_of_course if locked.records else refusal_of_unknown_course
            self.refusals.note(refusal_of(course))
        if self.participant_id is not None and not locked.records:
            self._refuse_participant(self.participant_id)
        return None

    def _is_own(self, application: Application) -> bool:
        return (
            application.lead_provider_id == self.lead_provider.pk
            and application.participant_id == self.participant_id
            and application.status == ApplicationStatus.ACCEPTED
        )

    def _refuse_participant(self, participant_id: UUID) -> None:
        survivor = merged_into(self.lead_provider, participant_id)
        if survivor is None:
            self.refusals.add(
                "participant_id",
                ErrorCode.UNKNOWN_PARTICIPANT,
                "You have no such participant; give the id of one of your list.",
            )
        else:
            self.refusals.add(
                "participant_id",
                ErrorCode.MERGED_AWAY,
                f"The participant was merged into {survivor}; use that id from now on.",
            )
