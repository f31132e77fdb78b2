"""What must be true of the live data whatever happened to it (rules 11.12).

Constraints hold most of it; these checks prove it again and add what no constraint can say. Each
check is one query over all rows, read in pieces, and yields a sentence for each row that is wrong.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from declarations.choices import DeclarationState, StatementState
from declarations.models import Declaration, DeclarationEvent, Statement, StatementEvent
from declarations.rules import IN_SLOT, TRANSITIONS
from outcomes.choices import AttemptResult, NotificationState, OutcomeState
from outcomes.models import Notification, NotificationAttempt, NotificationResend, Outcome
from participants.models import Application, ApplicationEvent, ParticipantListing
from schedules.choices import DeclarationType
from schedules.models import Milestone

Check = Callable[[], Iterator[str]]

PIECE = 2000


def findings() -> Iterator[str]:
    """Yield a sentence for each thing that is wrong; nothing when all is well."""
    for check in CHECKS:
        yield from check()


def _sentences(rows: QuerySet[Any], sentence: str) -> Iterator[str]:
    for row in rows.values().iterator(PIECE):
        yield sentence.format(**row)


def _slots_hold_one_declaration() -> Iterator[str]:
    crowded = (
        Declaration.objects.filter(state__in=IN_SLOT)
        .values("application_id", "declaration_type")
        .annotate(count=Count("id"))
        .filter(count__gt=1)
    )
    for row in crowded.iterator(PIECE):
        yield (
            f"Application {row['application_id']} has {row['count']} declarations of type"
            f" {row['declaration_type']} at once; one may stand."
        )


def _declarations_agree_with_their_history() -> Iterator[str]:
    newest = DeclarationEvent.objects.filter(declaration=OuterRef("pk")).order_by("-id")
    rows = Declaration.objects.annotate(newest=Subquery(newest.values("to_state")[:1])).filter(
        Q(newest__isnull=True) | ~Q(newest=F("state"))
    )
    yield from _sentences(
        rows.order_by(), "Declaration {id} is {state}, but its history ends with {newest}."
    )


def _declarations_took_allowed_steps() -> Iterator[str]:
    allowed = Q(from_state="", to_state__in=["submitted", "eligible", "ineligible"])
    for before, afters in TRANSITIONS.items():
        allowed |= Q(from_state=before, to_state__in=afters)
    rows = DeclarationEvent.objects.exclude(allowed)
    yield from _sentences(
        rows.order_by(),
        "Declaration {declaration_id} went from {from_state!r} to {to_state}, against the rules.",
    )


def _statements_agree_with_their_history() -> Iterator[str]:
    newest = StatementEvent.objects.filter(statement=OuterRef("pk")).order_by("-id")
    rows = Statement.objects.annotate(newest=Subquery(newest.values("to_state")[:1])).filter(
        Q(newest__isnull=True) | ~Q(newest=F("state"))
    )
    yield from _sentences(
        rows.order_by(), "Statement {id} is {state}, but its history ends with {newest}."
    )


def _declarations_fit_their_statements() -> Iterator[str]:
    fitting = {
        DeclarationState.ELIGIBLE: [StatementState.OPEN],
        DeclarationState.PAYABLE: [StatementState.PAYABLE],
        DeclarationState.PAID: [StatementState.PAID],
        DeclarationState.AWAITING_CLAWBACK: [StatementState.PAID],
        DeclarationState.CLAWED_BACK: [StatementState.PAID],
    }
    for state, statement_states in fitting.items():
        rows = Declaration.objects.filter(state=state, statement__isnull=False).exclude(
            statement__state__in=statement_states
        )
        yield from _sentences(
            rows.order_by(),
            "Declaration {id} is {state}, which does not fit its statement {statement_id}.",
        )
    clawbacks = Declaration.objects.filter(
        Q(state=DeclarationState.CLAWED_BACK) & ~Q(clawback_statement__state=StatementState.PAID)
        | Q(
            state=DeclarationState.AWAITING_CLAWBACK,
            clawback_statement__state=StatementState.PAID,
        )
    )
    yield from _sentences(
        clawbacks.order_by(),
        "Declaration {id} is {state}, which its clawback statement {clawback_statement_id}"
        " is not in a state for.",
    )


def _statements_hold_their_own_declarations() -> Iterator[str]:
    rows = Declaration.objects.filter(statement__isnull=False).exclude(
        statement__lead_provider=F("lead_provider"),
        statement__period__cohort=F("application__cohort"),
    )
    yield from _sentences(
        rows.order_by(),
        "Declaration {id} is on statement {statement_id} of another provider or cohort.",
    )


def _outcomes_stand_under_completed_declarations() -> Iterator[str]:
    rows = Outcome.objects.exclude(declaration__declaration_type=DeclarationType.COMPLETED)
    yield from _sentences(
        rows.order_by(),
        "Outcome {id} belongs to declaration {declaration_id}, not a completed one.",
    )


def _voided_declarations_have_no_live_outcome() -> Iterator[str]:
    newest = Outcome.objects.filter(declaration=OuterRef("pk")).order_by("-created_at", "-id")
    taken_back = [
        DeclarationState.VOIDED,
        DeclarationState.AWAITING_CLAWBACK,
        DeclarationState.CLAWED_BACK,
    ]
    rows = Declaration.objects.annotate(newest=Subquery(newest.values("state")[:1])).filter(
        state__in=taken_back, newest__in=[OutcomeState.PASSED, OutcomeState.FAILED]
    )
    yield from _sentences(
        rows.order_by(), "Declaration {id} is {state}, but its outcome is still {newest}."
    )


def _retracted_passes_are_notified() -> Iterator[str]:
    earlier = Outcome.objects.filter(
        declaration=OuterRef("declaration"), created_at__lt=OuterRef("created_at")
    ).order_by("-created_at")
    rows = Outcome.objects.annotate(earlier=Subquery(earlier.values("state")[:1])).filter(
        state=OutcomeState.VOIDED, earlier=OutcomeState.PASSED, notification__isnull=True
    )
    yield from _sentences(
        rows.order_by(), "Outcome {id} retracted a pass, but nobody was notified."
    )


def _applications_agree_with_their_history() -> Iterator[str]:
    kinds = ApplicationEvent.Kind
    for kind, status in ((kinds.ACCEPTED, "accepted"), (kinds.REJECTED, "rejected")):
        event = ApplicationEvent.objects.filter(application=OuterRef("pk"), kind=kind)
        rows = Application.objects.filter(~Exists(event), status=status)
        yield from _sentences(
            rows.order_by(), "Application {id} is {status}, but its history does not say so."
        )


def _schedules_fit_their_applications() -> Iterator[str]:
    rows = Application.objects.accepted().exclude(
        schedule__cohort=F("cohort"), schedule__group=F("course__group")
    )
    yield from _sentences(
        rows.order_by(),
        "Application {id} is on schedule {schedule_id} of another cohort or course group.",
    )


def _accepted_applications_are_listed() -> Iterator[str]:
    listing = ParticipantListing.objects.filter(
        lead_provider=OuterRef("lead_provider"), participant=OuterRef("participant")
    )
    rows = Application.objects.accepted().filter(~Exists(listing))
    yield from _sentences(
        rows.order_by(), "Application {id} is accepted, but its provider's list lacks the person."
    )


def _counted_declarations_have_a_milestone() -> Iterator[str]:
    milestone = Milestone.objects.filter(
        schedule=OuterRef("application__schedule"), declaration_type=OuterRef("declaration_type")
    )
    yield from _sentences(
        Declaration.objects.counted().filter(~Exists(milestone)).order_by(),
        "Declaration {id} has a type, {declaration_type}, that its schedule lacks.",
    )


def _notifications_agree_with_their_attempts() -> Iterator[str]:
    arrived = NotificationAttempt.objects.filter(
        notification=OuterRef("pk"), copy=OuterRef("copy"), result=AttemptResult.SENT
    )
    under_way = NotificationAttempt.objects.filter(
        notification=OuterRef("pk"), result=AttemptResult.UNDER_WAY
    )
    is_sent, is_sending = Q(state=NotificationState.SENT), Q(state=NotificationState.SENDING)
    for wrong, sentence in (
        (is_sent & ~Exists(arrived), "is sent, but no attempt arrived."),
        (~is_sent & Exists(arrived), "is {state}, but an attempt arrived."),
        (~is_sending & Exists(under_way), "is {state}, but an attempt is under way."),
    ):
        rows = Notification.objects.filter(wrong)
        yield from _sentences(rows.order_by(), f"Notification {{id}} {sentence}")


def _notifications_owe_what_was_asked_for() -> Iterator[str]:
    again = (
        NotificationResend.objects.filter(
            notification=OuterRef("pk"), from_state=NotificationState.SENT
        )
        .order_by()
        .values("notification")
        .annotate(count=Count("id"))
    )
    rows = Notification.objects.annotate(
        asked_for=Coalesce(Subquery(again.values("count")), 0) + 1
    ).exclude(copy=F("asked_for"))
    yield from _sentences(
        rows.order_by(), "Notification {id} owes message {copy}, but {asked_for} were asked for."
    )


CHECKS: tuple[Check, ...] = (
    _slots_hold_one_declaration,
    _declarations_agree_with_their_history,
    _declarations_took_allowed_steps,
    _declarations_fit_their_statements,
    _counted_declarations_have_a_milestone,
    _statements_agree_with_their_history,
    _statements_hold_their_own_declarations,
    _outcomes_stand_under_completed_declarations,
    _voided_declarations_have_no_live_outcome,
    _retracted_passes_are_notified,
    _applications_agree_with_their_history,
    _schedules_fit_their_applications,
    _accepted_applications_are_listed,
    _notifications_agree_with_their_attempts,
    _notifications_owe_what_was_asked_for,
)
