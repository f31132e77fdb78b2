"""What becomes of an enrolment, whoever asks: a provider, or staff (rules 7 and 14).

Each takes a locked application for which the rules have been asked, writes the change with its
history and tells the apps above. ``why`` is the reason for the history, ``at`` a UTC instant.
"""

from datetime import datetime
from typing import Any

from npq_portal.clock import whole_seconds
from npq_portal.errors import ErrorCode, Refusal, Refusals
from npq_portal.history import Actor
from participants import rules
from participants.choices import DeferralReason, TrainingStatus, WithdrawalReason
from participants.models import Application, ApplicationEvent
from participants.services.records import write
from participants.signals import application_changed
from schedules.models import Cohort, Schedule

Kind = ApplicationEvent.Kind

NOT_WITHDRAWN = {"withdrawn_at": None, "withdrawal_reason": None}
NOT_DEFERRED = {"deferred_at": None, "deferral_reason": None}


def withdraw(
    application: Application,
    *,
    withdrawn_at: datetime,
    withdrawal_reason: str,
    why: str,
    by: Actor,
    at: datetime,
) -> None:
    """Let the participant have left as of ``withdrawn_at`` (rules 7.2)."""
    changes = {
        "training_status": TrainingStatus.WITHDRAWN,
        "withdrawn_at": whole_seconds(withdrawn_at),
        "withdrawal_reason": withdrawal_reason,
        **NOT_DEFERRED,
    }
    _change(application, Kind.WITHDRAWN, changes, "The participant withdrew.", why, by=by, at=at)


def defer(
    application: Application, *, deferral_reason: str, why: str, by: Actor, at: datetime
) -> None:
    """Let the participant take a break from ``at`` on (rules 7.3)."""
    changes = {
        "training_status": TrainingStatus.DEFERRED,
        "deferred_at": whole_seconds(at),
        "deferral_reason": deferral_reason,
    }
    _change(application, Kind.DEFERRED, changes, "The participant deferred.", why, by=by, at=at)


def resume(application: Application, *, why: str, by: Actor, at: datetime) -> None:
    """Let the participant go on after a break (rules 7.4)."""
    changes = {"training_status": TrainingStatus.ACTIVE, **NOT_DEFERRED}
    _change(application, Kind.RESUMED, changes, "The participant resumed.", why, by=by, at=at)


def reinstate(application: Application, *, why: str, by: Actor, at: datetime) -> None:
    """Let the participant be active again after a withdrawal (rules 14.7)."""
    changes = {"training_status": TrainingStatus.ACTIVE, **NOT_WITHDRAWN}
    _change(
        application, Kind.REINSTATED, changes, "The participant was reinstated.", why, by=by, at=at
    )


def move(
    application: Application, *, schedule: Schedule, why: str, by: Actor, at: datetime
) -> None:
    """Put the enrolment on ``schedule``, and into its cohort (rules 7.5)."""
    changes = {"schedule": schedule, "cohort": schedule.cohort}
    _change(application, Kind.SCHEDULE_CHANGED, changes, "The schedule changed.", why, by=by, at=at)


def check_reason_for(
    attribute: str,
    reason: str | None,
    known: type[WithdrawalReason] | type[DeferralReason],
    refusals: Refusals,
) -> None:
    """Note under ``attribute`` a ``reason`` that is none of those ``known``."""
    if reason is not None and reason not in known.values:
        refusals.add(
            attribute,
            ErrorCode.INVALID,
            f"{reason!r} is no such reason; it must be one of {', '.join(known.values)}.",
        )


def refusals_to_move(
    application: Application, *, schedule: Schedule | None, cohort: Cohort | None
) -> list[Refusal]:
    """Return why a locked ``application`` can't move to ``schedule`` and ``cohort`` (rules 7.5).

    What is None was missing or is unknown, and nothing is held against it.
    """
    declarations = [
        rules.CountedDeclaration(*row)
        for row in application.declarations.counted().values_list(
            "declaration_type", "declaration_date"
        )
    ]
    found: list[Refusal] = []
    if schedule is not None:
        found.extend(rules.refusals_to_move(_new_schedule(application, schedule), declarations))
    if cohort is not None and cohort.pk != application.cohort_id:
        found.extend(rules.refusals_to_change_cohort(declarations))
    return found


def _new_schedule(application: Application, schedule: Schedule) -> rules.NewSchedule:
    milestones = list(schedule.milestones.all())
    return rules.NewSchedule(
        identifier=schedule.identifier,
        is_current=schedule.pk == application.schedule_id,
        is_for_course_group=schedule.group_id == application.course.group_id,
        declaration_types={it.declaration_type for it in milestones},
        starts_at=min((it.starts_at for it in milestones), default=None),
    )


def _change(
    application: Application,
    kind: ApplicationEvent.Kind,
    changes: dict[str, Any],
    told: str,
    why: str,
    *,
    by: Actor,
    at: datetime,
) -> None:
    write(application, kind, changes, by=by, at=at, reason=why)
    application_changed.send(sender=Application, application=application, by=by, at=at, reason=told)
