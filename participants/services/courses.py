"""Which enrolment of a participant a course names (rules 7.1, 8.3, 9.3)."""

from collections.abc import Iterable
from uuid import UUID

from npq_portal.errors import ErrorCode, Refusal, Refusals
from npq_portal.providers.models import LeadProvider
from participants.models import Application
from participants.services.records import lock_applications, lock_participant
from schedules.services.keeping import find_course


def lock_enrolment(
    lead_provider: LeadProvider,
    participant_id: UUID,
    course_identifier: str | None,
    refusals: Refusals,
) -> Application | None:
    """Lock and return the enrolment that participant and course name, as ``lock_enrolments``."""
    enrolments = lock_enrolments(lead_provider, participant_id, course_identifier, refusals)
    return enrolments[0] if enrolments else None


def lock_enrolments(
    lead_provider: LeadProvider,
    participant_id: UUID,
    course_identifier: str | None,
    refusals: Refusals,
) -> list[Application]:
    """Lock and return a participant's enrolments for a course, the one that it names first.

    For a command ``on_a_person``. Notes why there is none; a course that is None stands in
    ``refusals`` already. Raises NotFound when ``lead_provider`` does not have the participant.
    """
    lock_participant(lead_provider, participant_id)
    if course_identifier is None:
        return []
    accepted = Application.objects.for_provider(lead_provider).accepted()
    enrolments = lock_applications(
        accepted.filter(participant=participant_id, course__identifier=course_identifier)
    )
    if not enrolments:
        refusals.note(refusal_of_course(course_identifier))
    return named_first(enrolments)


def named_first(accepted: Iterable[Application]) -> list[Application]:
    """Return a participant's ``accepted`` applications for one course, the one that it names first.

    That is one that is not withdrawn, else the last to be accepted.
    """
    return sorted(accepted, key=lambda it: (not it.is_withdrawn, it.accepted_at), reverse=True)


def refusal_of_course(course_identifier: str) -> Refusal:
    """Say why a course names no enrolment of a participant whom the provider has."""
    return refusal_of_unknown_course(course_identifier) or _refusal(
        ErrorCode.NO_ACCEPTED_APPLICATION,
        f"The participant has no accepted application for {course_identifier!r} with you",
    )


def refusal_of_unknown_course(course_identifier: str) -> Refusal | None:
    """Say that there is no such course; None when there is."""
    if find_course(course_identifier) is not None:
        return None
    wrong = f"There is no course {course_identifier!r}"
    return _refusal(ErrorCode.UNKNOWN_COURSE, wrong)


def _refusal(code: ErrorCode, wrong: str) -> Refusal:
    return Refusal("course_identifier", code, f"{wrong}; name one of their npq_courses.")
