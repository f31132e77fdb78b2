"""Every edit of reference data through its pages: previewed, confirmed, kept with name and why."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from declarations.models import ContractPrice, PaymentPeriod
from npq_portal.back_office.reference.edits import EDITS
from npq_portal.providers.models import LeadProvider
from schedules.models import Cohort, Course, CourseGroup, Milestone, Schedule
from tests.back_office.reference.conftest import (
    AUTUMN,
    REFERENCE,
    SPRING,
    milestone,
    page,
    schedule,
    shown,
    stored,
    versions,
    window,
)
from tests.factories.providers import LeadProviderFactory
from tests.participants.corrections.conftest import NOW, WHY


@dataclass(frozen=True)
class Case:
    """An edit of a row, what its preview shows by fact, and which columns it changes.

    Of what is added, ``changes`` has the number of rows.
    """

    slug: str
    row: Callable[[], Any]
    values: Callable[[], dict[str, Any]]
    shows: set[tuple[str, str, str]]
    changes: dict[str, Any] = field(default_factory=dict)
    adds: dict[str, int] = field(default_factory=dict)


def nothing() -> None:
    return None


def group(name: str) -> int:
    return CourseGroup.objects.get(name=name).pk


def price() -> ContractPrice:
    return ContractPrice.objects.create(
        lead_provider=LeadProviderFactory.create(),
        cohort=Cohort.objects.get(),
        course=Course.objects.get(identifier="npq-headship"),
        price_per_participant=Decimal("900.00"),
    )


def priced() -> dict[str, Any]:
    return {
        "lead_provider": LeadProviderFactory.create().pk,
        "cohort": Cohort.objects.get().pk,
        "course": Course.objects.get(identifier="npq-headship").pk,
        "price_per_participant": "812.50",
    }


def cohort_2030() -> Cohort:
    return Cohort.objects.create(start_year=2030)


CASES = [
    Case(
        "add-cohort",
        nothing,
        lambda: {"start_year": "2030"},
        {("start year", "none", "2030")},
        adds={"schedules.Cohort": 1},
    ),
    Case(
        "edit-cohort",
        cohort_2030,
        lambda: {"start_year": "2031"},
        {("start year", "2030", "2031")},
        {"schedules.Cohort start_year": (2030, 2031)},
    ),
    Case(
        "add-course-group",
        nothing,
        lambda: {"name": "new", "has_outcomes": "on"},
        {("name", "none", "new"), ("outcomes", "none", "yes")},
        adds={"schedules.CourseGroup": 1},
    ),
    Case(
        "edit-course-group",
        lambda: CourseGroup.objects.get(name="ASO"),
        lambda: {"name": "ASO", "has_outcomes": "on"},
        {("outcomes", "no", "yes")},
        {"schedules.CourseGroup has_outcomes": (False, True)},
    ),
    Case(
        "add-course",
        nothing,
        lambda: {
            "identifier": "npq-new",
            "name": "New",
            "short_name": "NEW",
            "group": group("specialist"),
        },
        {
            ("identifier", "none", "npq-new"),
            ("name", "none", "New"),
            ("short name", "none", "NEW"),
            ("course group", "none", "specialist"),
        },
        adds={"schedules.Course": 1},
    ),
    Case(
        "edit-course",
        lambda: Course.objects.get(identifier="npq-headship"),
        lambda: {
            "identifier": "npq-headship",
            "name": "Leading a school",
            "short_name": "NPQH",
            "group": group("leadership"),
        },
        {("name", "NPQ for Headship", "Leading a school")},
        {"schedules.Course name": ("NPQ for Headship", "Leading a school")},
    ),
    Case(
        "add-schedule",
        nothing,
        lambda: {
            "cohort": Cohort.objects.get().pk,
            "group": group("leadership"),
            "identifier": "npq-leadership-summer",
            "accepted_from": "2022-06-01",
            **window(schedule(SPRING), "2021-12-26", "2022-05-31"),
        },
        {
            ("identifier", "none", "npq-leadership-summer"),
            ("course group", "none", "leadership"),
            ("accepted from", "none", "1 Jun 2022"),
            ("accepted until", "none", "no limit"),
            ("accepted until", "no limit", "31 May 2022"),
        },
        {"schedules.Schedule accepted_until": (None, date(2022, 5, 31))},
        adds={"schedules.Schedule": 1},
    ),
    Case(
        "edit-schedule",
        lambda: schedule("npq-ehco-june"),
        lambda: {"identifier": "npq-ehco", "group": group("EHCO")},
        {("identifier", "npq-ehco-june", "npq-ehco")},
        {"schedules.Schedule identifier": ("npq-ehco-june", "npq-ehco")},
    ),
    Case(
        "move-windows",
        lambda: schedule(AUTUMN),
        lambda: {
            **window(schedule(AUTUMN), None, "2021-12-31"),
            **window(schedule(SPRING), "2022-01-01"),
        },
        {
            ("accepted until", "25 Dec 2021", "31 Dec 2021"),
            ("accepted from", "26 Dec 2021", "1 Jan 2022"),
        },
        {
            "schedules.Schedule accepted_until": (date(2021, 12, 25), date(2021, 12, 31)),
            "schedules.Schedule accepted_from": (date(2021, 12, 26), date(2022, 1, 1)),
        },
    ),
    Case(
        "add-milestone",
        lambda: schedule("npq-specialist-autumn"),
        lambda: {"declaration_type": "retained-2", "start_date": "2021-11-01"},
        {("starts on", "none", "1 Nov 2021")},
        adds={"schedules.Milestone": 1},
    ),
    Case(
        "edit-milestone",
        milestone,
        lambda: {"start_date": "2021-11-02", "cut_off_date": "", "payment_date": "2022-02-01"},
        {
            ("starts on", "1 Nov 2021", "2 Nov 2021"),
            ("cut-off", "25 Dec 2021", "none"),
            ("payment date", "none", "1 Feb 2022"),
        },
        {
            "schedules.Milestone start_date": (date(2021, 11, 1), date(2021, 11, 2)),
            "schedules.Milestone cut_off_date": (date(2021, 12, 25), None),
            "schedules.Milestone payment_date": (None, date(2022, 2, 1)),
        },
    ),
    Case(
        "remove-milestone",
        milestone,
        dict,
        {("starts on", "1 Nov 2021", "none"), ("cut-off", "25 Dec 2021", "none")},
        adds={"schedules.Milestone": -1},
    ),
    Case(
        "edit-period",
        lambda: PaymentPeriod.objects.get(name="January 2022"),
        lambda: {"deadline_date": "2021-12-24", "payment_date": "2022-01-25"},
        {("deadline", "25 Dec 2021", "24 Dec 2021")},
        {"declarations.PaymentPeriod deadline_date": (date(2021, 12, 25), date(2021, 12, 24))},
    ),
    Case(
        "add-price",
        nothing,
        priced,
        {("price of a whole course", "none", "£812.50")},
        adds={"declarations.ContractPrice": 1},
    ),
    Case(
        "edit-price",
        price,
        lambda: {"price_per_participant": "1000"},
        {("price of a whole course", "£900.00", "£1,000.00")},
        {
            "declarations.ContractPrice price_per_participant": (
                Decimal("900.00"),
                Decimal("1000.00"),
            )
        },
    ),
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda it: it.slug)


@each_case
def test_a_preview_shows_what_changes_and_changes_nothing(case, caseworker):
    path, values = page(case.slug, case.row()), case.values()
    assert caseworker.client.get(path).status_code == 200
    before = stored(), versions()
    found = shown(caseworker.preview(path, **values)).items()
    assert {(name, *it) for (_record, name), it in found} == case.shows
    assert (stored(), versions()) == before


@each_case
def test_a_confirmation_changes_what_the_preview_showed(case, caseworker):
    path, values = page(case.slug, case.row()), case.values()
    previewed = caseworker.preview(path, **values)
    before, numbers = stored(), versions()
    answer = caseworker.confirm(path, previewed, **values)
    assert answer.status_code == 302, answer.context["form"].errors
    assert caseworker.client.get(answer.url).status_code == 200
    after = stored()
    both = before.keys() & after.keys()
    changed = {
        f"{it[0]} {it[2]}": (before[it], after[it]) for it in both if before[it] != after[it]
    }
    assert changed == case.changes
    added = {it for it in after.keys() ^ before.keys() if it[2] == "id"}
    assert {it[0] for it in added} == set(case.adds)
    assert len(added) == sum(map(abs, case.adds.values()))
    newest = [
        model.history.latest("history_id")
        for model in REFERENCE
        if model.history.count() > numbers[model]
    ]
    assert newest
    for version in newest:
        assert (version.history_user.username, version.history_change_reason) == ("casey", WHY)
        assert version.history_date == NOW


@each_case
def test_a_reason_is_asked_for(case, caseworker):
    path, values = page(case.slug, case.row()), case.values()
    before = stored(), versions()
    for why in ("", "  ", "x" * 2001):
        answer = caseworker.preview(path, why=why, **values)
        assert answer.context["effect"] is None
        assert "reason" in answer.context["form"].errors
    assert (stored(), versions()) == before


@each_case
def test_the_form_shows_what_is_so_now(case, caseworker):
    row = case.row()
    form = caseworker.client.get(page(case.slug, row)).context["form"]
    for name in form.copied:
        value = getattr(row, name, None)
        assert form[name].value() == (getattr(value, "pk", value) if row else None)


def test_a_copy_shows_each_day_that_is_added_and_what_is_kept(caseworker):
    LeadProviderFactory.create(name="North")
    cohort = Cohort.objects.get()
    path = page("copy-cohort", cohort)
    assert caseworker.client.get(path).context["form"]["to_year"].value() == 2022
    before = stored()
    previewed = caseworker.preview(path, to_year="2023")
    assert stored() == before
    found = {record: after for (record, _name), (_before, after) in shown(previewed).items()}
    assert found["Schedule npq-aso-december (2023)"] == (
        "course group ASO, accepted from 1 Dec 2023, accepted until 29 Feb 2024"
    )
    assert found["Milestone started of npq-leadership-autumn (2023)"] == (
        "starts on 1 Nov 2023, cut-off 25 Dec 2023"
    )
    assert found["Payment period January 2024 (cohort 2023)"] == (
        "deadline 25 Dec 2023, payment date 25 Jan 2024, open to 1 provider"
    )
    assert found["Schedule npq-ehco-june (2023)"] == "course group EHCO"
    assert previewed.context["effect"].kept == []
    assert len(found) == 1 + Schedule.objects.count() + Milestone.objects.count() + 9
    answer = caseworker.confirm(path, previewed, to_year="2023")
    copied = Cohort.objects.get(start_year=2023)
    assert answer.url.endswith(f"/cohort/{copied.pk}/change/")
    assert copied.schedules.count() == 9
    assert LeadProvider.objects.get().statements.count() == 9
    again = caseworker.preview(path, to_year="2023")
    assert shown(again) == {}
    assert len(again.context["effect"].kept) == 18
    assert "Schedule npq-aso-december (2023)" in again.content.decode()


def test_every_edit_is_tested():
    assert {case.slug for case in CASES} | {"copy-cohort"} == set(EDITS)
