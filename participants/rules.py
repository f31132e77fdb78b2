"""Pure decisions about applications and training (rules 6 and 7)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from npq_portal.errors import BASE, ErrorCode, Refusal
from participants.choices import TrainingStatus, WithdrawalReason

MISPRINTED_REASON = f"{WithdrawalReason.QUALITY_OF_PROGRAMME_STRUCTURE_NOT_SUITABLE.value}."
"""The published enumeration ends this reason with a full stop; both are read (rules 7.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What accepting asks: on which London ``day``, and how many schedules take it.

    ``holds_course`` says whether the person has an application for the course, with whatever
    provider and under whatever record, that is accepted and not withdrawn.
    """

    course: str
    cohort: str
    day: date
    schedules: int
    holds_course: bool


def refusals_to_accept(acceptance: Acceptance) -> Iterable[Refusal]:
    """Yield why a pending application can't be accepted (rules 6.2 and 6.3)."""
    if acceptance.holds_course:
        yield Refusal(
            BASE,
            ErrorCode.ALREADY_ACCEPTED_ELSEWHERE,
            f"The participant has an accepted application for {acceptance.course} already;"
            " it must be withdrawn before another is accepted.",
        )
    if acceptance.schedules != 1:
        yield Refusal(
            BASE,
            ErrorCode.NO_SINGLE_SCHEDULE,
            f"{acceptance.schedules} schedules take an acceptance on {acceptance.day} for"
            f" {acceptance.course} in cohort {acceptance.cohort}; exactly one must."
            " Ask the department to correct the schedules.",
        )


def clean_withdrawal_reason(reason: str) -> str:
    """Return ``reason`` as it is stored and answered: without the misprint's full stop."""
    return reason.removesuffix(".") if reason == MISPRINTED_REASON else reason


def refusal_to_withdraw(status: str | None) -> Refusal | None:
    """Return why a participant whose training stands at ``status`` can't withdraw (rules 7.2)."""
    if status == TrainingStatus.WITHDRAWN:
        return _already_withdrawn()
    return None


def refusal_to_defer(status: str | None) -> Refusal | None:
    """Return why a participant whose training stands at ``status`` can't defer (rules 7.3)."""
    if status == TrainingStatus.WITHDRAWN:
        return _already_withdrawn()
    if status == TrainingStatus.DEFERRED:
        return Refusal(
            BASE, ErrorCode.ALREADY_DEFERRED, "The participant has deferred this course already."
        )
    return None


def refusal_to_resume(status: str | None) -> Refusal | None:
    """Return why a participant whose training stands at ``status`` can't resume (rules 7.4)."""
    if status == TrainingStatus.WITHDRAWN:
        return _already_withdrawn()
    if status != TrainingStatus.DEFERRED:
        return Refusal(
            BASE,
            ErrorCode.NOT_DEFERRED,
            "The participant is active on this course; only a deferred participant can resume.",
        )
    return None


def refusal_to_change_schedule(status: str | None) -> Refusal | None:
    """Return why training that stands at ``status`` can't change schedule (rules 7.5)."""
    return _already_withdrawn() if status == TrainingStatus.WITHDRAWN else None


def _already_withdrawn() -> Refusal:
    return Refusal(
        BASE, ErrorCode.ALREADY_WITHDRAWN, "The participant has withdrawn from this course."
    )


@dataclass(frozen=True, slots=True)
class CountedDeclaration:
    """What a change of schedule asks of a declaration that is, or may yet be, paid."""

    declaration_type: str
    declaration_date: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSchedule:
    """What a change of schedule asks of the schedule to come; ``starts_at`` is a UTC instant."""

    identifier: str
    is_current: bool
    is_for_course_group: bool
    changes_cohort: bool
    declaration_types: Collection[str]
    starts_at: datetime | None


def refusals_to_move(
    new: NewSchedule, declarations: Collection[CountedDeclaration]
) -> Iterable[Refusal]:
    """Yield why an application with these ``declarations`` can't move to ``new`` (rules 7.5)."""
    if not new.is_for_course_group:
        yield _schedule_refusal(
            ErrorCode.SCHEDULE_NOT_FOR_COURSE,
            f"{new.identifier} is not for this course; name a schedule of the course's group.",
        )
    if new.is_current:
        yield _schedule_refusal(
            ErrorCode.ALREADY_ON_SCHEDULE, f"The participant is on {new.identifier} already."
        )
    lacking = sorted({it.declaration_type for it in declarations} - set(new.declaration_types))
    if lacking:
        yield _schedule_refusal(
            ErrorCode.DECLARATIONS_CONFLICT,
            f"{new.identifier} has no milestone for what has been declared: {', '.join(lacking)}."
            " Void these declarations first.",
        )
    if any(new.starts_at is None or it.declaration_date < new.starts_at for it in declarations):
        yield _schedule_refusal(
            ErrorCode.DECLARATIONS_CONFLICT,
            f"A declaration is dated before {new.identifier} starts. Void it first.",
        )
    if new.changes_cohort and declarations:
        yield Refusal(
            "cohort",
            ErrorCode.COHORT_HELD_BY_DECLARATIONS,
            "The cohort can't change while there are declarations. Void these first.",
        )


def _schedule_refusal(code: ErrorCode, sentence: str) -> Refusal:
    return Refusal("schedule_identifier", code, sentence)
