"""What staff care about of reference data, and of what hangs on it (rules 14.13).

What is counted among declarations is what an edit can change, so that its cost does not grow with
all the others, and nobody is told of what does not matter to them.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Model

from declarations.choices import DeclarationState, StatementState
from declarations.figures import figures_of
from declarations.models import (
    ContractPrice,
    Declaration,
    DeclarationEvent,
    PaymentPeriod,
    Statement,
)
from declarations.templatetags.money import pounds
from npq_portal.back_office.corrections.picture import NONE, Picture
from npq_portal.clock import day_in_words
from npq_portal.history import Actor
from schedules.choices import DeclarationType
from schedules.models import Cohort, Course, CourseGroup, Milestone, Schedule

Facts = dict[str, str]

NO_LIMIT = "no limit"


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be looked at: the row edited, if there is one, what was filled in, by whom, when.

    ``values`` are the arguments of the service, ``at`` (UTC) is when it changes something.
    """

    row: Any
    values: Mapping[str, Any]
    by: Actor
    at: datetime


def _day(day: date | None) -> str:
    return NONE if day is None else day_in_words(day)


def _cohort(it: Cohort) -> Facts:
    return {"start year": str(it.start_year)}


def _group(it: CourseGroup) -> Facts:
    return {"name": it.name, "outcomes": "yes" if it.has_outcomes else "no"}


def _course(it: Course) -> Facts:
    return {
        "identifier": it.identifier,
        "name": it.name,
        "short name": it.short_name,
        "course group": str(it.group),
    }


def _schedule(it: Schedule) -> Facts:
    return {
        "identifier": it.identifier,
        "course group": str(it.group),
        "accepted from": NO_LIMIT if it.accepted_from is None else _day(it.accepted_from),
        "accepted until": NO_LIMIT if it.accepted_until is None else _day(it.accepted_until),
    }


def _milestone(it: Milestone) -> Facts:
    return {
        "starts on": _day(it.start_date),
        "cut-off": _day(it.cut_off_date),
        "payment date": _day(it.payment_date),
    }


def _period(it: PaymentPeriod) -> Facts:
    return {"deadline": _day(it.deadline_date), "payment date": _day(it.payment_date)}


def _price(it: ContractPrice) -> Facts:
    return {"price of a whole course": pounds(it.price_per_participant)}


FACTS: Mapping[type[Model], Callable[[Any], Facts]] = {
    Cohort: _cohort,
    CourseGroup: _group,
    Course: _course,
    Schedule: _schedule,
    Milestone: _milestone,
    PaymentPeriod: _period,
    ContractPrice: _price,
}


def _words(row: Any) -> str:
    """Return the row in words, without what may change about it where that is its value."""
    if isinstance(row, ContractPrice):
        return f"Contract price of {row.lead_provider} for {row.course} in {row.cohort}"
    return f"{row._meta.verbose_name.capitalize()} {row}"  # noqa: SLF001 - documented for everybody


def _by_id(row: Model) -> str:
    return str(row.pk)


def _add(picture: Picture, rows: Iterable[Any], key: Callable[[Any], str] = _by_id) -> None:
    """Add ``rows`` of one model, by a ``key`` that stays: of those yet to be made, not the id."""
    rows = list(rows)
    if not rows:
        return
    model = type(rows[0])
    versions = dict(
        model.history.filter(id__in=[it.pk for it in rows])
        .order_by()
        .values_list("id")
        .annotate(Count("history_id"))
    )
    for it in rows:
        picture.add(
            f"{model.__name__} {key(it)}",
            _words(it),
            FACTS[model](it),
            changes=versions.get(it.pk, 0),
        )


def of_row(look: Look) -> Picture:
    """Return the picture of the row alone."""
    picture = Picture()
    _add(picture, type(look.row).objects.filter(pk=look.row.pk))
    return picture


def of_new(model: type[Model], name: str) -> Callable[[Look], Picture]:
    """Return the picture of what is to be added, which ``name`` tells from others."""

    def picture_of(look: Look) -> Picture:
        picture = Picture()
        wanted = {name: look.values[name]}
        _add(picture, model._default_manager.filter(**wanted), key=str)  # noqa: SLF001 - as managers are
        return picture

    return picture_of


def of_windows(look: Look) -> Picture:
    """Return the picture of a schedule, old or new, and of those whose windows move with it."""
    picture = Picture()
    schedules = Schedule.objects.select_related("cohort", "group")
    known = {*look.values["others"], *([look.row.pk] if look.row else [])}
    _add(picture, schedules.filter(pk__in=known))
    if look.row is None:
        wanted = {"cohort": look.values["cohort_id"], "identifier": look.values["identifier"]}
        _add(picture, schedules.filter(**wanted).exclude(pk__in=known), key=str)
    return picture


def of_milestones(look: Look) -> Picture:
    """Return the picture of the milestones of a schedule, and of what hangs on them."""
    schedule = look.row.schedule if isinstance(look.row, Milestone) else look.row
    picture = Picture()
    versions = dict(
        # Of those that are gone as well, by what tells them apart within a schedule.
        Milestone.history.filter(schedule=schedule)
        .order_by()
        .values_list("declaration_type")
        .annotate(Count("history_id"))
    )
    milestones = {it.declaration_type: it for it in schedule.milestones.all()}
    for kind in DeclarationType:
        it = milestones.get(kind)
        name = f"Milestone {kind} of {schedule}"
        facts = _milestone(it) if it else {}
        picture.add(f"milestone {kind}", name, facts, changes=versions.get(kind, 0))
    _add_leavers(picture, schedule)
    return picture


def _add_leavers(picture: Picture, schedule: Schedule) -> None:
    """Add the declarations of those who withdrew, whose payment hangs on the cut-off (10.1)."""
    leavers = Declaration.objects.filter(
        application__schedule=schedule, application__withdrawn_at__isnull=False
    )
    rows = list(
        leavers.order_by()
        .values_list("statement", "lead_provider__name", "state")
        .annotate(Count("id"))
        .order_by("lead_provider__name", "statement", "state")
    )
    statements = _statements(it[0] for it in rows)
    for statement_id, provider, state, count in rows:
        record = statements[statement_id] if statement_id else f"{provider}, on no statement"
        name = f"{DeclarationState(state).label.lower()} declarations of people who withdrew"
        picture.add(f"leavers {statement_id or provider} {state}", record, {name: str(count)})
    events = DeclarationEvent.objects.filter(declaration__in=leavers.order_by())
    picture.changes["leavers"] = events.count()


def of_period(look: Look) -> Picture:
    """Return the picture of a payment period, and of what its statements take on."""
    picture = of_row(look)
    _add_taken_on(picture, look)
    return picture


def of_price(look: Look) -> Picture:
    """Return the picture of a contract price, be it there or not."""
    picture = Picture()
    prices = ContractPrice.objects.select_related("lead_provider", "cohort", "course")
    _add(picture, prices.filter(**_contract(look)), key=lambda _row: "it")
    return picture


def _contract(look: Look) -> dict[str, Any]:
    """Return what a price is for, by the columns."""
    names = ("lead_provider_id", "cohort_id", "course_id")
    return {
        name: look.values[name] if name in look.values else getattr(look.row, name)
        for name in names
    }


def of_copy(look: Look) -> Picture:
    """Return the picture of the cohort that is copied to, and of what its statements take on."""
    picture = Picture()
    cohort = {"cohort__start_year": look.values["to_year"]}
    _add(picture, Cohort.objects.filter(start_year=look.values["to_year"]), key=str)
    _add_briefly(
        picture,
        Schedule.objects.filter(**cohort).select_related("cohort", "group"),
        ("identifier",),
    )
    milestones = Milestone.objects.filter(
        **{f"schedule__{name}": it for name, it in cohort.items()}
    )
    _add_briefly(picture, milestones.select_related("schedule__cohort"))
    periods = PaymentPeriod.objects.filter(**cohort).select_related("cohort")
    _add_briefly(picture, periods)
    for it in periods.annotate(Count("statements")):
        key = f"PaymentPeriod {it} added"
        fact = picture.facts[key]
        told = f"{fact.value}, open to {_providers(it.statements__count)}"
        picture.facts[key] = replace(fact, value=told)
    _add_taken_on(picture, look)
    return picture


def _providers(count: int) -> str:
    return "1 provider" if count == 1 else f"{count} providers"


def kept_rows(before: Picture, after: Picture) -> list[str]:
    """Return the schedules and payment periods that were there and stay as they are, in words."""
    return [
        fact.record
        for key, fact in before.facts.items()
        if key.startswith(("Schedule ", "PaymentPeriod ")) and after.facts.get(key) == fact
    ]


def _add_briefly(picture: Picture, rows: Iterable[Any], without: Collection[str] = ()) -> None:
    """Add what may be many rows, each as one fact."""
    detailed = Picture()
    _add(detailed, rows, key=str)
    for key, changes in detailed.changes.items():
        facts = [it for name, it in detailed.facts.items() if name.startswith(f"{key} ")]
        told = [it for it in facts if it.value not in {NONE, NO_LIMIT} and it.name not in without]
        picture.add(
            key,
            facts[0].record,
            {"added": ", ".join(f"{it.name} {it.value}" for it in told)},
            changes=changes,
        )


def _add_taken_on(picture: Picture, look: Look) -> None:
    """Add the declarations that waited, as far as this edit has put them on a statement (10.4)."""
    events = DeclarationEvent.objects.filter(at=look.at, staff=look.by.staff_id)
    rows = (
        events.order_by()
        .values_list("to_state", "statement", "clawback_statement")
        .annotate(Count("id"))
    )
    counts: Counter[tuple[Any, str]] = Counter()
    for state, statement_id, clawback_statement_id, count in rows:
        is_refund = state == DeclarationState.AWAITING_CLAWBACK
        taken_by = clawback_statement_id if is_refund else statement_id
        counts[taken_by, "refunds" if is_refund else "declarations"] += count
    statements = _statements(it for it, _what in counts)
    for (statement_id, what), count in counts.items():
        record = statements[statement_id]
        picture.add(f"taken on {record} {what}", record, {f"waiting {what} taken on": str(count)})


def totals_of_cohort(look: Look) -> Picture:
    """Return what the unpaid statements of a schedule's cohort come to."""
    schedule = look.row.schedule if isinstance(look.row, Milestone) else look.row
    return _totals(Statement.objects.filter(period__cohort=schedule.cohort_id))


def totals_of_contract(look: Look) -> Picture:
    """Return what the unpaid statements that a price is paid on come to."""
    contract = _contract(look)
    return _totals(
        Statement.objects.filter(
            lead_provider=contract["lead_provider_id"], period__cohort=contract["cohort_id"]
        )
    )


def _totals(statements: Any) -> Picture:
    picture = Picture()
    unpaid = statements.exclude(state=StatementState.PAID)
    ids = list(unpaid.order_by("created_at", "id").values_list("pk", flat=True))
    names, figures = _statements(ids), figures_of(ids)
    for pk in ids:
        picture.add(f"total {pk}", names[pk], {"to pay": pounds(figures[pk].sums.total)})
    return picture


def no_totals(look: Look) -> Picture:
    """Return that no statement comes to anything else."""
    return Picture()


def _statements(ids: Iterable[Any]) -> dict[Any, str]:
    rows = Statement.objects.select_related("lead_provider", "period__cohort").in_bulk(
        {it for it in ids if it}
    )
    return {pk: f"{it} ({it.get_state_display()})" for pk, it in rows.items()}
