"""Pure decisions about applications and training (rules 6 and 7)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from npq_portal.clock import london_day
from npq_portal.errors import BASE, ErrorCode, Refusal
from participants.choices import ApplicationStatus, TrainingStatus, WithdrawalReason

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
            BASE,
            ErrorCode.ALREADY_DEFERRED,
            "The participant has deferred this course already; only an active one can be deferred.",
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
        BASE,
        ErrorCode.ALREADY_WITHDRAWN,
        "The participant has withdrawn from this course; only the department can reinstate them.",
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
            ErrorCode.ALREADY_ON_SCHEDULE,
            f"The participant is on {new.identifier} already; name another schedule.",
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


def refusals_to_change_cohort(
    declarations: Collection[CountedDeclaration],
) -> Iterable[Refusal]:
    """Yield why an application with these ``declarations`` can't change cohort (rules 7.5)."""
    if declarations:
        yield Refusal(
            "cohort",
            ErrorCode.COHORT_HELD_BY_DECLARATIONS,
            "The cohort can't change while there are declarations. Void these first.",
        )


def _schedule_refusal(code: ErrorCode, sentence: str) -> Refusal:
    return Refusal("schedule_identifier", code, sentence)


@dataclass(frozen=True, slots=True)
class HeldCourse:
    """An accepted application, for which course and with which provider.

    ``live_declarations`` are those that keep it from becoming pending again, named for people.
    """

    application_id: UUID
    course: str
    lead_provider: str
    live_declarations: Collection[str]


def refusals_to_be_one_person(
    held: Collection[HeldCourse], held_by_others: Collection[HeldCourse]
) -> Iterable[Refusal]:
    """Yield why a record and others, with these accepted applications, can't be one person's.

    What only the others hold twice among themselves is not this record's matter (rules 14.2).
    """
    shared = {it.course for it in held} & {it.course for it in held_by_others}
    if shared:
        both = [it for it in (*held, *held_by_others) if it.course in shared]
        named = {
            f"{it.course} with {it.lead_provider} ({it.application_id})": it.live_declarations
            for it in sorted(both, key=lambda it: it.course)
        }
        yield Refusal(
            BASE,
            ErrorCode.COURSE_HELD_TWICE,
            f"Both records hold an accepted application for one course: {'; '.join(named)}. Void"
            " the declarations of one of them and make it pending again first.",
            tuple(f"{name} has {', '.join(live)}." for name, live in named.items() if live),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversion:
    """What making an application pending again asks."""

    status: str
    live_declarations: Collection[str]


def refusals_to_revert(reversion: Reversion) -> Iterable[Refusal]:
    """Yield why an application can't become pending again (rules 14.3)."""
    if reversion.status == ApplicationStatus.PENDING:
        yield Refusal(BASE, ErrorCode.NOT_DECIDED, "The application is pending already.")
    if reversion.live_declarations:
        yield _held_by_declarations(
            ErrorCode.DECLARATIONS_CONFLICT,
            reversion.live_declarations,
            "Void them, or claw back what was paid, first.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseChange:
    """What a change of course asks.

    ``rival_declarations`` count for the person and the new course and are of types that also count
    here. ``schedules`` is how many took the day of acceptance, None where the schedule stays or
    there is none yet.
    """

    is_current: bool
    same_group: bool
    live_declarations: Collection[str]
    rival_declarations: Collection[str]
    holds_course: bool
    schedules: int | None


def refusals_to_change_course(change: CourseChange) -> Iterable[Refusal]:
    """Yield why an application can't be for another course (rules 14.4)."""
    if change.is_current:
        yield Refusal("course", ErrorCode.NOTHING_CHANGES, "It is for this course already.")
        return
    if not change.same_group and change.live_declarations:
        yield _held_by_declarations(
            ErrorCode.DECLARATIONS_CONFLICT,
            change.live_declarations,
            "They hold it in its course group: void them or claw them back, or choose a course of"
            " the group.",
        )
    if change.rival_declarations:
        yield Refusal(
            "course",
            ErrorCode.SLOT_TAKEN,
            "Another application for that course has declarations of the same types:"
            f" {', '.join(change.rival_declarations)}. Void one of each two first.",
        )
    if change.holds_course:
        yield Refusal(
            "course",
            ErrorCode.ALREADY_ACCEPTED_ELSEWHERE,
            "The person has another accepted application for that course.",
        )
    if change.schedules not in {None, 1}:
        yield Refusal(
            "course",
            ErrorCode.NO_SINGLE_SCHEDULE,
            f"{change.schedules} schedules of that course take the day of acceptance; exactly one"
            " must.",
        )


@dataclass(frozen=True, slots=True)
class Funding:
    """Whether an application is eligible for funding, and the reason when it is not."""

    eligible: bool
    ineligible_reason: str | None


def refusals_to_change_funding(
    current: Funding, new: Funding, *, settled_declarations: Collection[str]
) -> Iterable[Refusal]:
    """Yield why funding can't change from ``current`` to ``new`` (rules 14.5)."""
    if new.eligible and new.ineligible_reason is not None:
        yield Refusal(
            "ineligible_for_funding_reason",
            ErrorCode.INVALID,
            "Give a reason only when the application is not eligible for funding.",
        )
    if current == new:
        yield Refusal(BASE, ErrorCode.NOTHING_CHANGES, "The funding is this already.")
    if current.eligible != new.eligible and settled_declarations:
        yield _held_by_declarations(
            ErrorCode.DECLARATIONS_CONFLICT,
            settled_declarations,
            "Void them, and let refunds come back, first.",
        )


def refusals_to_withdraw_at(
    withdrawn_at: datetime,
    *,
    now: datetime,
    accepted_at: datetime | None,
    later_declarations: Collection[str],
) -> Iterable[Refusal]:
    """Yield why a withdrawal can't be dated ``withdrawn_at`` (rules 14.7)."""
    if withdrawn_at > now:
        yield Refusal(
            "withdrawn_on",
            ErrorCode.DATE_IN_FUTURE,
            "The day is in the future; give today or earlier.",
        )
    if accepted_at is not None and withdrawn_at < accepted_at:
        yield Refusal(
            "withdrawn_on",
            ErrorCode.DATE_BEFORE_ACCEPTANCE,
            f"The application was accepted on {london_day(accepted_at)}; nobody withdraws before.",
        )
    if later_declarations:
        yield Refusal(
            "withdrawn_on",
            ErrorCode.DECLARATIONS_CONFLICT,
            f"These are dated at the withdrawal or after it: {', '.join(later_declarations)}."
            " Void them or claw them back, or choose a later day.",
        )


def refusal_to_reinstate(
    status: str | None, *, holds_course: bool, rival_declarations: Collection[str]
) -> Refusal | None:
    """Return why training that stands at ``status`` can't be taken up again (rules 14.7).

    ``rival_declarations`` count elsewhere for the person and the course, and are of types that
    would count here again.
    """
    if status != TrainingStatus.WITHDRAWN:
        return Refusal(
            BASE, ErrorCode.NOT_WITHDRAWN, "Only a withdrawn participant can be reinstated."
        )
    if holds_course:
        return Refusal(
            BASE,
            ErrorCode.ALREADY_ACCEPTED_ELSEWHERE,
            "The person has another accepted application for the course.",
        )
    if rival_declarations:
        return Refusal(
            BASE,
            ErrorCode.SLOT_TAKEN,
            "Declarations of this application would count again while others of their types count"
            f" for the person and the course: {', '.join(rival_declarations)}. Void one of each"
            " two first.",
        )
    return None


def _held_by_declarations(
    code: ErrorCode, declarations: Collection[str], what_next: str
) -> Refusal:
    return Refusal(BASE, code, f"It has declarations: {', '.join(declarations)}. {what_next}")
