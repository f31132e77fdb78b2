"""Recording declarations (rules 8.1 to 8.9)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from declarations.models import Declaration
from declarations.services.claims import Claim, needs_has_passed, write_claim
from npq_portal.clock import whole_seconds
from npq_portal.errors import ErrorCode, NotFound, Refusals
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from participants.identity import merged_into
from participants.models import Application, Participant
from participants.services.records import lock_applications, lock_participant
from schedules.models import Course


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a provider declares; None was missing or malformed and stands in the refusals."""

    participant_id: UUID | None
    declaration_type: str | None
    declaration_date: datetime | None
    course_identifier: str | None
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
    application, claim = found
    return write_claim(
        application,
        claim,
        lead_provider=lead_provider,
        records={it.pk for it in persons},
        reason="Recorded.",
        by=by,
        at=at,
    )


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
        self.needs_has_passed = needs_has_passed(self.type, self.course)
        self.has_passed = submission.has_passed if self.needs_has_passed else None
        self.refusals = Refusals()
        for it in noted:
            if it.attribute != "has_passed" or self.needs_has_passed:
                self.refusals.note(it)

    def examine(self) -> Declaration | tuple[Application, Claim]:
        """Return the declaration this is a copy of, else what to record; raise Refused."""
        copied = self.copied()
        if copied is not None:
            return copied
        claim = Claim(
            declaration_type=self.type,
            declaration_date=self.date,
            has_passed=self.has_passed,
            needs_has_passed=self.needs_has_passed,
        )
        claim.check(self.refusals, at=self.at)
        application = self._application()
        if application is not None:
            claim.check_against(application, self.refusals)
        self.refusals.raise_any()
        if application is None:
            raise ValueError("An application that is missing must stand in the refusals.")
        return application, claim

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
