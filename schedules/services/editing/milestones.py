"""Adding, editing and removing the milestones of a schedule (rules 14.11)."""

from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Count, Min

from npq_portal.corrections import check_reason, sign_version
from npq_portal.errors import BASE, ErrorCode, NotFound, Refusals
from npq_portal.history import Actor
from schedules.models import Milestone, Schedule
from schedules.rules import (
    MilestoneDates,
    MilestonesEdit,
    StandingDeclaration,
    refusals_to_edit_milestones,
    started_cut_off,
)
from schedules.services.editing.rows import keep, lock_cohort_of, set_values
from schedules.signals import started_cut_off_changed

WERE_PAID = ("paid", "awaiting-clawback", "clawed-back")


@transaction.atomic
def add_milestone(
    *,
    schedule_id: int,
    declaration_type: str,
    start_date: date,
    cut_off_date: date | None,
    payment_date: date | None,
    reason: str,
    by: Actor,
    at: datetime,
) -> Milestone:
    """Add a milestone to a schedule and return it; the dates are London days.

    Raises NotFound when there is no such schedule, Refused as rules 14.11 say.
    """
    schedule = lock_schedule(schedule_id)
    before = dates_of(schedule)
    milestone = Milestone(schedule=schedule)
    values = {
        "declaration_type": declaration_type,
        "start_date": start_date,
        "cut_off_date": cut_off_date,
        "payment_date": payment_date,
    }
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    set_values(milestone, values, refusals)
    check_milestones(schedule, before, [*before, dates_of_milestone(milestone)], refusals)
    keep(milestone, reason=reason, by=by, at=at)
    tell_of_cut_off(schedule, before, by=by, at=at)
    return milestone


@transaction.atomic
def edit_milestone(
    *,
    milestone_id: int,
    start_date: date,
    cut_off_date: date | None,
    payment_date: date | None,
    reason: str,
    by: Actor,
    at: datetime,
) -> Milestone:
    """Set the dates (London days) of a milestone, and return it.

    Raises NotFound when there is no such milestone, Refused as rules 14.11 say.
    """
    schedule, milestone = _lock_milestone(milestone_id)
    before = dates_of(schedule)
    values = {
        "start_date": start_date,
        "cut_off_date": cut_off_date,
        "payment_date": payment_date,
    }
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    set_values(milestone, values, refusals)
    check_milestones(
        schedule, before, [*_others(before, milestone), dates_of_milestone(milestone)], refusals
    )
    keep(milestone, reason=reason, by=by, at=at)
    tell_of_cut_off(schedule, before, by=by, at=at)
    return milestone


@transaction.atomic
def remove_milestone(*, milestone_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Remove a milestone that was never used; its versions stay.

    Raises NotFound when there is no such milestone, Refused as rules 14.11 say.
    """
    schedule, milestone = _lock_milestone(milestone_id)
    before = dates_of(schedule)
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    after = _others(before, milestone)
    if not after and schedule.applications.exists():
        refusals.add(
            BASE, ErrorCode.IN_USE, "There are applications on it; it needs a milestone to start."
        )
    check_milestones(schedule, before, after, refusals)
    sign_version(milestone, reason=reason, by=by, at=at)
    milestone.delete()
    tell_of_cut_off(schedule, before, by=by, at=at)


class _Joined(Exception):
    """Somebody came onto the schedule while its applications were being locked."""


def lock_schedule(schedule_id: int) -> Schedule:
    """Lock a schedule after its cohort and all applications on it; nothing is declared meanwhile.

    Nobody joins it before commit either: who is about to keeps it first. Raises NotFound.
    """
    while True:
        with suppress(_Joined), transaction.atomic():
            return _try_to_lock(schedule_id)


def _try_to_lock(schedule_id: int) -> Schedule:
    lock_cohort_of(schedule_id)
    in_order = Schedule(pk=schedule_id).applications.order_by("id").values_list("id", flat=True)
    locked = set(in_order.select_for_update(of=("self",)))
    schedule = (
        Schedule.objects.select_for_update(of=("self",))
        .select_related("cohort")
        .filter(pk=schedule_id)
        .first()
    )
    if schedule is None:
        raise NotFound(f"There is no schedule {schedule_id}.")
    if set(in_order) - locked:
        raise _Joined
    return schedule


def _lock_milestone(milestone_id: int) -> tuple[Schedule, Milestone]:
    seen = Milestone.objects.filter(pk=milestone_id).first()
    schedule = lock_schedule(seen.schedule_id) if seen else None
    milestone = Milestone.objects.filter(pk=milestone_id).first()
    if schedule is None or milestone is None:
        raise NotFound(f"There is no milestone {milestone_id}.")
    return schedule, milestone


def check_milestones(
    schedule: Schedule,
    before: Collection[MilestoneDates],
    after: Collection[MilestoneDates],
    refusals: Refusals,
) -> None:
    """Raise Refused with what stands in the way of ``after``, and the ``refusals`` so far.

    ``before`` are the milestones of the ``schedule``, which is locked.
    """
    declarations = _declarations_on(schedule)
    paid = declarations.filter(state__in=WERE_PAID)
    withdrawals = schedule.applications.filter(
        pk__in=paid.values("application"), events__after__training_status="withdrawn"
    ).values_list("events__after__withdrawn_at", flat=True)
    edit = MilestonesEdit(
        before=before,
        after=after,
        declarations=[
            StandingDeclaration(*row)
            for row in declarations.in_slot()
            .values("declaration_type")
            .annotate(earliest=Min("declaration_date"), count=Count("id"))
            .order_by("declaration_type")
            .values_list("declaration_type", "earliest", "count")
        ],
        paid_withdrawals=[datetime.fromisoformat(it) for it in withdrawals],
        priced=paid.filter(amount__isnull=False).exists(),
    )
    refusals.note(*refusals_to_edit_milestones(edit))
    refusals.raise_any()


def _declarations_on(schedule: Schedule) -> Any:
    # By name, as declarations are built on schedules and not the other way round.
    declarations: Any = apps.get_model("declarations", "Declaration")
    return declarations.objects.filter(application__schedule=schedule)


def tell_of_cut_off(
    schedule: Schedule, before: Collection[MilestoneDates], *, by: Actor, at: datetime
) -> None:
    """Tell the apps above when the started cut-off is not what it was ``before``."""
    if started_cut_off(before) != started_cut_off(dates_of(schedule)):
        started_cut_off_changed.send(
            sender=Schedule,
            schedule=schedule,
            by=by,
            at=at,
            reason="The started cut-off date changed.",
        )


def dates_of(schedule: Schedule) -> list[MilestoneDates]:
    """Return the milestones of a ``schedule`` as the rules take them."""
    return [dates_of_milestone(it) for it in schedule.milestones.all()]


def dates_of_milestone(milestone: Milestone) -> MilestoneDates:
    """Return a ``milestone`` as the rules take it."""
    return MilestoneDates(milestone.declaration_type, milestone.start_date, milestone.cut_off_date)


def _others(dates: Collection[MilestoneDates], milestone: Milestone) -> list[MilestoneDates]:
    return [it for it in dates if it.declaration_type != milestone.declaration_type]
