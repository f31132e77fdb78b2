"""Who comes second to edit reference data is told, and nobody else (rules 14.15)."""

from datetime import UTC, date, datetime

from django.urls import reverse

from declarations.models import Declaration
from tests.back_office.corrections.conftest import told
from tests.back_office.reference.conftest import (
    AUTUMN,
    SPRING,
    border,
    change,
    dates_of,
    milestone,
    page,
    schedule,
    stored,
)
from tests.participants.corrections.conftest import declare, open_for, void

CHANGED = "Somebody changed these records since you looked"


def test_the_second_caseworker_is_told(caseworker, colleague):
    path = page("move-windows", schedule(AUTUMN))
    mine, theirs = border("2021-12-31", "2022-01-01"), border("2021-12-20", "2021-12-21")
    first, second = caseworker.preview(path, **mine), colleague.preview(path, **theirs)
    assert caseworker.confirm(path, first, **mine).status_code == 302
    before = stored()
    answer = colleague.confirm(path, second, **theirs)
    assert CHANGED in told(answer)
    assert 'value="2021-12-20"' in answer.content.decode()
    assert stored() == before


def test_who_edited_there_and_back_is_noticed(caseworker, colleague):
    path, values = page("move-windows", schedule(AUTUMN)), border("2021-12-31", "2022-01-01")
    previewed = caseworker.preview(path, **values)
    theirs = page("move-windows", schedule(SPRING))
    change(colleague, theirs, **border("2021-12-20", "2021-12-21"))
    change(colleague, theirs, **border("2021-12-25", "2021-12-26"))
    assert CHANGED in told(caseworker.confirm(path, previewed, **values))


def test_who_removed_a_milestone_and_added_it_again_is_noticed(caseworker, colleague):
    path, values = (
        page("edit-milestone", milestone()),
        dates_of(milestone(), payment_date="2022-02-01"),
    )
    previewed = caseworker.preview(path, **values)
    for slug, row, filled in (
        ("remove-milestone", milestone("completed"), {}),
        (
            "add-milestone",
            schedule(),
            {"declaration_type": "completed", "start_date": "2021-11-01"},
        ),
    ):
        theirs = page(slug, row)
        assert (
            colleague.confirm(theirs, colleague.preview(theirs, **filled), **filled).status_code
            == 302
        )
    assert CHANGED in told(caseworker.confirm(path, previewed, **values))


def test_who_finds_the_milestone_gone_is_told(caseworker, colleague):
    path = page("remove-milestone", milestone())
    previewed = [it.preview(path) for it in (caseworker, colleague)]
    assert caseworker.confirm(path, previewed[0]).status_code == 302
    answer = colleague.confirm(path, previewed[1])
    assert answer.url == reverse("admin:schedules_milestone_changelist")
    html = colleague.client.get(answer.url).content.decode()
    assert "There is no such milestone any more." in html


def test_a_refusal_that_came_up_meanwhile_is_told_with_what_changed(caseworker, colleague):
    path = page("add-cohort")
    previewed = [it.preview(path, start_year="2030") for it in (caseworker, colleague)]
    assert caseworker.confirm(path, previewed[0], start_year="2030").status_code == 302
    answer = colleague.confirm(path, previewed[1], start_year="2030")
    assert CHANGED in told(answer)
    assert "start_year" in answer.context["form"].errors


def test_the_second_after_the_providers_client_is_told(caseworker, leaver):
    path, values = (
        page("edit-milestone", milestone()),
        dates_of(milestone(), cut_off_date="2021-12-25"),
    )
    previewed = caseworker.preview(path, **values)
    void(Declaration.objects.get())
    before = stored()
    assert CHANGED in told(caseworker.confirm(path, previewed, **values))
    assert stored() == before


def test_a_declaration_that_starts_to_wait_meanwhile_is_noticed(caseworker, enrolment):
    statement = open_for(enrolment.lead_provider, deadline=date(2021, 12, 5), period="Early")
    path = page("edit-period", statement.period)
    values = {"deadline_date": "2021-12-20", "payment_date": "2021-12-30"}
    previewed = caseworker.preview(path, **values)
    declare(enrolment, at=datetime(2021, 12, 8, tzinfo=UTC))
    assert CHANGED in told(caseworker.confirm(path, previewed, **values))


def test_what_does_not_matter_to_the_edit_does_not_stop_it(caseworker, enrolment):
    path, values = (
        page("edit-milestone", milestone()),
        dates_of(milestone(), payment_date="2022-02-01"),
    )
    previewed = caseworker.preview(path, **values)
    declare(enrolment)
    assert caseworker.confirm(path, previewed, **values).status_code == 302


def test_other_values_than_were_previewed_are_not_carried_out(caseworker):
    path = page("move-windows", schedule(AUTUMN))
    previewed = caseworker.preview(path, **border("2021-12-31", "2022-01-01"))
    answer = caseworker.confirm(path, previewed, **border("2021-12-30", "2021-12-31"))
    assert CHANGED in told(answer)
