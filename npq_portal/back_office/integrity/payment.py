"""Nobody is paid for who should not be, and nobody goes unpaid who should (rules 10.1 to 10.3)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Subquery

from declarations.choices import DeclarationState
from declarations.models import Declaration, DeclarationEvent
from declarations.rules import UNPAID, Facts, left_before_cut_off, reassess
from npq_portal.back_office.integrity.reading import MOVES, PIECE, Check
from participants.choices import TrainingStatus
from participants.models import ApplicationEvent
from schedules.choices import DeclarationType
from schedules.models import Milestone

A_WAIT = timedelta(minutes=1)
"""Longer than a request waits for a payment to finish: of two changes less apart than this the
later may have come first."""


def _unpaid_declarations_stand_where_their_facts_put_them() -> Iterator[str]:
    cut_offs = _cut_offs()
    rows = Declaration.objects.filter(state__in=UNPAID).values_list(
        "id",
        "state",
        "duplicate_of",
        "application__eligible_for_funding",
        "application__withdrawn_at",
        "application__schedule",
    )
    for pk, state, duplicate_of, funded, withdrawn_at, schedule in rows.order_by().iterator(PIECE):
        facts = Facts(
            funded=funded,
            duplicate=duplicate_of is not None,
            withdrawn_at=withdrawn_at,
            started_cut_off=cut_offs.get(schedule),
        )
        expected = reassess(DeclarationState(state), facts)
        if expected != state:
            yield f"Declaration {pk} is {state}, but its facts make it {expected}."


def _nobody_was_paid_for_who_had_left_before_the_cut_off() -> Iterator[str]:
    """By the facts at the time: the last word on training before the payment was a withdrawal.

    A schedule that was changed since leaves no word of its cut-off then, and is not judged.
    """
    cut_offs = _cut_offs()
    of_application = ApplicationEvent.objects.filter(
        application=OuterRef("declaration__application")
    )
    before = of_application.filter(
        at__lt=OuterRef("at") - A_WAIT, after__has_key="training_status"
    ).order_by("-id")
    rescheduled = of_application.filter(at__gt=OuterRef("at") - A_WAIT, kind__in=MOVES)
    payments = (
        DeclarationEvent.objects.filter(to_state=DeclarationState.PAID)
        .annotate(training=Subquery(before.values("after")[:1]))
        .filter(~Exists(rescheduled), training__training_status=TrainingStatus.WITHDRAWN)
        .values_list("declaration", "training", "declaration__application__schedule")
    )
    for declaration, training, schedule in payments.order_by().iterator(PIECE):
        facts = Facts(
            funded=True,
            duplicate=False,
            withdrawn_at=datetime.fromisoformat(training["withdrawn_at"]),
            started_cut_off=cut_offs.get(schedule),
        )
        if left_before_cut_off(facts):
            yield (
                f"Declaration {declaration} was paid, although the participant had withdrawn"
                " before the started cut-off."
            )


def _cut_offs() -> dict[int, date | None]:
    started = Milestone.objects.filter(declaration_type=DeclarationType.STARTED)
    return dict(started.values_list("schedule", "cut_off_date"))


CHECKS: tuple[Check, ...] = (
    _unpaid_declarations_stand_where_their_facts_put_them,
    _nobody_was_paid_for_who_had_left_before_the_cut_off,
)
