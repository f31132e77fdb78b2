"""What needs attention, for the front page (rules 13.8).

Each section costs a query or two whose work is bounded whatever the database holds: a few rows in
the order of an index, and a count that stops early.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, F, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.formats import localize
from django.utils.http import urlencode

from declarations.choices import DeclarationState, StatementState
from declarations.models import Declaration, Statement
from npq_portal.back_office.models import IntegrityCheck
from npq_portal.clock import london_day
from outcomes.choices import NotificationState
from outcomes.models import Notification, NotificationAttempt
from participants.choices import ApplicationStatus
from participants.models import Application, Participant

SHOWN = 5
"""How many rows of a section are named."""

COUNTED = 100
"""How far the rows of a section are counted."""

DAYS_BEFORE_DEADLINE = 14
"""From how many days before its deadline on an open statement needs attention."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that waits: what it is, where it is found, and what to know about it."""

    text: str
    note: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Things of one kind: how many wait, the first of them, and where to find them all."""

    title: str
    count: int | None
    rows: list[Row]
    nothing: str
    url: str = ""

    @property
    def count_in_words(self) -> str:
        """How many wait, as far as they were counted; empty where they were not."""
        if self.count is None:
            return ""
        return f"{COUNTED}+" if self.count > COUNTED else str(self.count)


def sections(user: User | AnonymousUser, *, at: datetime) -> list[Section]:
    """Return the sections that ``user`` may view, as of ``at`` (UTC)."""
    return [section(at) for permission, section in SECTIONS if user.has_perm(permission)]


def _pending_longest(at: datetime) -> Section:
    pending = Application.objects.filter(status=ApplicationStatus.PENDING).order_by(
        "created_at", "id"
    )
    named = pending.select_related("participant", "course", "lead_provider")[:SHOWN]
    return Section(
        title="Applications pending longest",
        count=_count(pending),
        rows=[
            Row(
                text=row.participant.full_name,
                note=f"{_since(row.created_at, at)}: {row.course.short_name}, {row.lead_provider}",
                url=_page("participants_application_change", row.pk),
            )
            for row in named[:SHOWN]
        ],
        nothing="No application is pending.",
        url=_list("participants_application", status__exact=ApplicationStatus.PENDING),
    )


def _same_trn(at: datetime) -> Section:
    validated = Participant.objects.filter(teacher_reference_number_validated=True)
    merged_away = (
        validated.filter(
            teacher_reference_number=OuterRef("teacher_reference_number"), id_change__isnull=False
        )
        .order_by()
        # Not Count, which would group: without a group there is always a row, be it of zero.
        .annotate(number=Func("pk", function="COUNT", output_field=IntegerField()))
        .values("number")
    )
    # All records of a TRN are counted from the index first, and those merged away only where there
    # are several: whether a record was merged is not in the index.
    shared = (
        validated.values_list("teacher_reference_number")
        .annotate(records=Count("*"))
        .filter(records__gt=1)
        .annotate(standing=F("records") - Subquery(merged_away))
        .filter(standing__gt=1)
        .order_by("teacher_reference_number")
        .values_list("teacher_reference_number", "standing")[: COUNTED + 1]
    )
    found = list(shared)
    return Section(
        title="Duplicates by TRN",
        count=len(found),
        rows=[
            Row(
                text=f"TRN {trn}",
                note=f"{records} participants",
                url=_list("participants_participant", q=trn),
            )
            for trn, records in found[:SHOWN]
        ],
        nothing="No two participants have the same validated TRN.",
    )


def _duplicate_declarations(at: datetime) -> Section:
    duplicates = Declaration.objects.filter(
        duplicate_of__isnull=False, state=DeclarationState.INELIGIBLE
    ).order_by("-created_at")
    named = duplicates.select_related("application__participant", "lead_provider")[:SHOWN]
    return Section(
        title="Declarations not paid as duplicates",
        count=_count(duplicates),
        rows=[
            Row(
                text=row.application.participant.full_name,
                note=f"{row.declaration_type} by {row.lead_provider}, {_day(row.created_at)}",
                url=_page("declarations_declaration_change", row.pk),
            )
            for row in named
        ],
        nothing="No declaration is ineligible as a duplicate.",
        url=_list(
            "declarations_declaration",
            duplicate_of__isnull=0,
            state__exact=DeclarationState.INELIGIBLE,
        ),
    )


def _statements_near_deadline(at: datetime) -> Section:
    today = london_day(at)
    periods = (
        Statement.objects.filter(
            state=StatementState.OPEN,
            period__deadline_date__lte=today + timedelta(days=DAYS_BEFORE_DEADLINE),
        )
        .values_list(
            "period", "period__name", "period__cohort__start_year", "period__deadline_date"
        )
        .annotate(statements=Count("pk"))
        .order_by("period__deadline_date", "period")
    )
    found = list(periods)
    return Section(
        title="Statements near their deadline",
        count=sum(statements for *_period, statements in found),
        rows=[
            Row(
                text=f"{name} (cohort {cohort})",
                note=f"{_deadline(deadline, today)}: {statements} open",
                url=_list(
                    "declarations_statement",
                    period__id__exact=period,
                    state__exact=StatementState.OPEN,
                ),
            )
            for period, name, cohort, deadline, statements in found[:SHOWN]
        ],
        nothing=f"No open statement has its deadline within {DAYS_BEFORE_DEADLINE} days.",
        url=_list("declarations_statement", state__exact=StatementState.OPEN),
    )


def _failed_notifications(at: datetime) -> Section:
    given_up = Notification.objects.filter(state=NotificationState.GIVEN_UP)
    attempts = NotificationAttempt.objects.filter(notification=OuterRef("pk"))
    named = (
        given_up.order_by("created_at", "id")
        .select_related("outcome__declaration__application__participant")
        .annotate(last_note=Subquery(attempts.order_by("-started_at", "-id").values("note")[:1]))
    )
    return Section(
        title="Failed notifications",
        count=_count(given_up),
        rows=[
            Row(
                text=row.outcome.declaration.application.participant.full_name,
                note=row.last_note or "",
                url=_page("outcomes_notification_change", row.pk),
            )
            for row in named[:SHOWN]
        ],
        nothing="No notification was given up.",
        url=_list("outcomes_notification", state__exact=NotificationState.GIVEN_UP),
    )


def _last_integrity_check(at: datetime) -> Section:
    check = IntegrityCheck.objects.first()
    if check is None:
        return Section("Integrity of the data", None, [], "It has never been checked.")
    return Section(
        title="Integrity of the data",
        count=check.findings,
        rows=[Row(text=sentence, note="") for sentence in check.first_findings[:SHOWN]],
        nothing=f"Nothing was wrong on {_day(check.started_at)}.",
        url=_page("back_office_integritycheck_change", check.pk),
    )


SECTIONS: tuple[tuple[str, Callable[[datetime], Section]], ...] = (
    ("participants.view_application", _pending_longest),
    ("participants.view_participant", _same_trn),
    ("declarations.view_declaration", _duplicate_declarations),
    ("outcomes.view_notification", _failed_notifications),
    ("declarations.view_statement", _statements_near_deadline),
    ("back_office.view_integritycheck", _last_integrity_check),
)
"""What the front page shows, in this order, and the permission it takes to see it."""


def _count(rows: QuerySet[Any]) -> int:
    return rows.order_by()[: COUNTED + 1].count()


def _page(name: str, pk: Any) -> str:
    return reverse(f"admin:{name}", args=[pk])


def _list(model: str, **lookups: Any) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(lookups)}"


def _day(instant: datetime) -> str:
    return str(localize(london_day(instant)))


def _since(instant: datetime, at: datetime) -> str:
    return _days((london_day(at) - london_day(instant)).days)


def _deadline(deadline: date, today: date) -> str:
    left = (deadline - today).days
    if left < 0:
        return f"passed on {localize(deadline)}"
    return f"{localize(deadline)}, {f'in {_days(left)}' if left else 'today'}"


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"
