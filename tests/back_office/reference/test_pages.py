"""Who may edit reference data, what stands in the way, what follows, and who comes second."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from declarations.models import ContractPrice, Declaration, PaymentPeriod, Statement
from npq_portal.back_office.reference.edits import EDITS
from schedules.models import Cohort, CourseGroup, Milestone, Schedule
from tests.back_office.corrections.conftest import Desk, told
from tests.back_office.reference.conftest import (
    AUTUMN,
    SPRING,
    border,
    dates_of,
    milestone,
    page,
    schedule,
    shown,
    stored,
    window,
)
from tests.factories.providers import LeadProviderFactory
from tests.participants.corrections.conftest import DATED, declare, open_for

SPOILED = (
    "An acceptance needs exactly one schedule, and these days would not have it. Move the windows"
    " beside them as well."
)
TOO_LATE = (
    "The schedule would start on 2021-12-02, after what has been declared. Choose an earlier day,"
    " or void them first."
)


@pytest.mark.parametrize("role", ["viewer", "finance", "administrator"])
def test_only_caseworkers_edit(member, role):
    other, before = Desk(member(role)), stored()
    for slug, edit in EDITS.items():
        row = None if edit.adds else edit.about._default_manager.first() or Cohort.objects.get()
        for answer in (
            other.client.get(page(slug, row)),
            other.client.post(page(slug, row), {"reason": "So."}),
        ):
            assert answer.status_code == 403
    for name in ("schedule_changelist", "cohort_change"):
        args = [Cohort.objects.get().pk] if name.endswith("change") else []
        html = other.client.get(reverse(f"admin:schedules_{name}", args=args)).content.decode()
        assert "/admin/reference/" not in html
    assert stored() == before


def test_what_there_is_not_is_not_found(caseworker):
    get = caseworker.client.get
    row = schedule()
    assert get(page("no-such-edit", row)).status_code == 404
    assert get(page("add-cohort", row)).status_code == 404
    assert get(page("move-windows")).status_code == 404
    gone = caseworker.client.get(reverse("reference_edit", args=["move-windows", 0]), follow=True)
    assert "There is no such schedule any more." in gone.content.decode()


@pytest.mark.parametrize("slug", [it for it, edit in EDITS.items() if "price" not in it])
def test_each_edit_is_offered_where_it_belongs(caseworker, slug):
    edit = EDITS[slug]
    rows = edit.about._default_manager
    row = schedule("npq-specialist-autumn") if edit.about is Schedule else rows.first()
    name = f"admin:{edit.about._meta.label_lower.replace('.', '_')}"
    where = reverse(f"{name}_changelist") if edit.adds else reverse(f"{name}_change", args=[row.pk])
    html = caseworker.client.get(where).content.decode()
    assert f'href="{page(slug, None if edit.adds else row)}"' in html


def test_a_milestone_is_offered_by_the_types_that_are_not_there(caseworker):
    specialist, whole = schedule("npq-specialist-autumn"), schedule()
    form = caseworker.client.get(page("add-milestone", specialist)).context["form"]
    assert form.fields["declaration_type"].choices == [("retained-2", "Retained 2")]
    assert form["start_date"].value() == date(2021, 11, 1)
    html = caseworker.client.get(reverse("admin:schedules_schedule_change", args=[whole.pk]))
    assert page("add-milestone", whole) not in html.content.decode()


def test_days_that_would_be_spoiled_are_listed_one_by_one(caseworker):
    aso = {it: schedule(f"npq-aso-{it}") for it in ("november", "december", "march", "june")}
    values = {
        **window(aso["november"], None, "2021-12-02"),
        **window(aso["december"], "2021-12-01", "2022-02-20"),
        **window(aso["march"], "2022-03-01", "2022-05-31"),
        **window(aso["june"], "2022-06-01"),
    }
    before = stored()
    answer = caseworker.preview(page("move-windows", aso["march"]), **values)
    assert answer.context["effect"] is None
    assert answer.context["form"].non_field_errors() == [
        SPOILED,
        "2021-12-01 to 2021-12-02: taken by npq-aso-december and npq-aso-november",
        "2022-02-21 to 2022-02-28: taken by no schedule",
    ]
    html = answer.content.decode()
    assert html.count("<li>2022-02-21 to 2022-02-28: taken by no schedule</li>") == 1
    assert 'value="2022-02-20"' in html
    assert stored() == before


def test_a_schedule_that_needs_room_is_asked_for_with_the_windows_beside_it(caseworker):
    path = page("add-schedule")
    assert "leadership" not in str(caseworker.client.get(path).context["form"].fieldsets())
    chosen = {
        "cohort": Cohort.objects.get().pk,
        "group": CourseGroup.objects.get(name="leadership").pk,
        "identifier": "npq-leadership-summer",
        "accepted_from": "2022-06-01",
    }
    refused = caseworker.preview(path, **chosen)
    assert "from 2022-06-01 on: taken by npq-leadership-spring" in told(refused)
    autumn, spring = schedule(AUTUMN), schedule(SPRING)
    form = refused.context["form"]
    assert form[f"until_{autumn.pk}"].value() == autumn.accepted_until
    assert form[f"from_{spring.pk}"].value() == spring.accepted_from
    assert form[f"until_{spring.pk}"].value() == ""


def test_a_schedule_changes_its_group_with_the_windows_of_both(caseworker):
    group = CourseGroup.objects.create(name="new", has_outcomes=False)
    ehco = schedule("npq-ehco-june")
    answer = caseworker.preview(
        page("edit-schedule", ehco), identifier=ehco.identifier, group=group.pk
    )
    assert "every day: taken by no schedule" in told(answer)
    other = Schedule.objects.create(cohort=ehco.cohort, group=group, identifier="npq-new")
    answer = caseworker.preview(
        page("edit-schedule", other), identifier=other.identifier, group=ehco.group_id
    )
    assert f"until_{ehco.pk}" in answer.context["form"].fields


def test_declarations_in_the_way_are_told_at_their_field(caseworker, enrolment):
    declare(enrolment, date=DATED)
    for other in enrolment.schedule.milestones.exclude(declaration_type="started"):
        Milestone.objects.filter(pk=other.pk).update(start_date=date(2022, 1, 1))
    answer = caseworker.preview(
        page("edit-milestone", milestone()), **dates_of(milestone(), start_date="2021-12-02")
    )
    assert answer.context["form"].errors["start_date"] == [
        TOO_LATE,
        "1 started, the earliest on 2021-12-01",
    ]
    assert "Error:" in answer.content.decode()
    gone = caseworker.preview(page("remove-milestone", milestone()))
    assert "1 started, the earliest on 2021-12-01" in gone.context["form"].non_field_errors()
    Milestone.objects.exclude(pk=milestone().pk).update(start_date=date(2021, 11, 1))


def test_what_is_used_is_told_with_what_uses_it(caseworker, enrolment):
    answer = caseworker.preview(
        page("edit-course", enrolment.course),
        identifier="npq-other",
        name="Headship",
        short_name="NPQH",
        group=CourseGroup.objects.get(name="specialist").pk,
    )
    in_use = ["It can't change: there are applications for it."]
    errors = answer.context["form"].errors
    assert (errors["identifier"], errors["group"]) == (in_use, in_use)
    answer = caseworker.preview(page("edit-cohort", enrolment.cohort), start_year="2030")
    assert "schedules and applications and payment periods" in told(answer)


def test_what_is_so_already_changes_nothing(caseworker):
    answer = caseworker.preview(
        page("move-windows", schedule(AUTUMN)), **border("2021-12-25", "2021-12-26")
    )
    assert "It is this already." in told(answer)


def test_a_cut_off_shows_what_becomes_of_those_who_withdrew(caseworker, leaver):
    statement = Statement.objects.get(period__name="Spring")
    path, values = (
        page("edit-milestone", milestone()),
        dates_of(milestone(), cut_off_date="2021-12-25"),
    )
    previewed = caseworker.preview(path, **values)
    people = "declarations of people who withdrew"
    assert shown(previewed) == {
        ("Milestone started of npq-leadership-autumn (2021)", "cut-off"): ("none", "25 Dec 2021"),
        (f"{statement} (Open)", f"eligible {people}"): ("1", "none"),
        ("North, on no statement", f"ineligible {people}"): ("none", "1"),
    }
    assert caseworker.confirm(path, previewed, **values).status_code == 302
    declaration = Declaration.objects.get()
    assert (declaration.state, declaration.statement) == ("ineligible", None)
    assert declaration.events.latest("id").staff.username == "casey"


def test_another_type_shows_what_statements_come_to(caseworker, enrolment):
    statement = open_for(enrolment.lead_provider, period="Spring")
    ContractPrice.objects.create(
        lead_provider=enrolment.lead_provider,
        cohort=enrolment.cohort,
        course=enrolment.course,
        price_per_participant=Decimal("800.00"),
    )
    declare(enrolment)
    previewed = caseworker.preview(page("remove-milestone", milestone("retained-2")))
    assert shown(previewed)[f"{statement} (Open)", "to pay"] == ("£200.00", "£266.67")
    price = ContractPrice.objects.get()
    previewed = caseworker.preview(page("edit-price", price), price_per_participant="400")
    assert shown(previewed)[f"{statement} (Open)", "to pay"] == ("£200.00", "£100.00")


def test_a_later_deadline_shows_what_is_taken_on(caseworker, enrolment):
    statement = open_for(enrolment.lead_provider, deadline=date(2021, 12, 5), period="Early")
    assert declare(enrolment, at=datetime(2021, 12, 8, tzinfo=UTC)).statement is None
    path = page("edit-period", statement.period)
    values = {"deadline_date": "2021-12-20", "payment_date": "2021-12-30"}
    previewed = caseworker.preview(path, **values)
    taken_on = (f"{statement} (Open)", "waiting declarations taken on")
    assert shown(previewed)[taken_on] == ("none", "1")
    assert Declaration.objects.get().statement is None
    assert caseworker.confirm(path, previewed, **values).status_code == 302
    assert Declaration.objects.get().statement == statement


def test_one_can_go_back_from_the_preview_to_the_form(caseworker):
    path, values = page("move-windows", schedule(AUTUMN)), border("2021-12-31", "2022-01-01")
    seen = {"seen": caseworker.preview(path, **values).context["effect"].fingerprint}
    before = stored()
    answer = caseworker.client.post(path, {"reason": "So.", **values, **seen, "again": "Back"})
    assert answer.context["effect"] is None
    assert 'value="2021-12-31"' in answer.content.decode()
    assert stored() == before


def queries(ask):
    with CaptureQueriesContext(connection) as captured:
        answer = ask()
    assert answer.status_code == 200
    return len(captured)


@pytest.mark.parametrize("slug", ["move-windows", "edit-milestone", "edit-period"])
def test_what_a_page_asks_does_not_grow_with_the_rows(slug, caseworker, enrol):
    row, values = {
        "move-windows": (schedule(), border("2021-12-31", "2022-01-01")),
        "edit-milestone": (milestone(), dates_of(milestone(), payment_date="2022-02-01")),
        "edit-period": (
            PaymentPeriod.objects.get(name="January 2022"),
            {"deadline_date": "2021-12-24", "payment_date": "2022-01-25"},
        ),
    }[slug]
    path = page(slug, row)
    provider = LeadProviderFactory.create()
    open_for(provider, period="Spring")

    def asked():
        form = queries(lambda: caseworker.client.get(path))
        return form, queries(lambda: caseworker.preview(path, **values))

    before = asked()
    fill(schedule())
    for _ in range(3):
        declare(enrol(lead_provider=provider))
    assert asked() == before


def test_what_a_copy_asks_does_not_grow_with_what_is_kept(caseworker):
    path = page("copy-cohort", Cohort.objects.get())
    copy = {"to_year": "2022"}
    caseworker.confirm(path, caseworker.preview(path, **copy), **copy)
    before = queries(lambda: caseworker.preview(path, **copy))
    fill(schedule(year=2022))
    assert queries(lambda: caseworker.preview(path, **copy)) == before


def fill(beside):
    """Give a cohort many more schedules of a group; they take one day long ago."""
    day = date(2000, 1, 1)
    for number in range(20):
        each = Schedule.objects.create(
            cohort=beside.cohort,
            group=beside.group,
            identifier=f"npq-leadership-{number}",
            accepted_from=day,
            accepted_until=day,
        )
        each.milestones.create(declaration_type="started", start_date=day)
