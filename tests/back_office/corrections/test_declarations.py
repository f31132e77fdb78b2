"""Declarations and their outcomes, corrected on their pages (rules 14.9, 14.10, 14.14)."""

from datetime import date

import pytest

from declarations.models import Declaration
from declarations.services import make_payable, mark_paid
from npq_portal.back_office.corrections.kinds import KINDS
from outcomes.models import Notification, Outcome
from tests.back_office.corrections.conftest import (
    counts,
    facts,
    page_of,
    told,
    undo_page_of,
)
from tests.back_office.corrections.test_kinds import shown
from tests.participants.corrections.conftest import BY, NOW, WHY, declare, open_for, void

STARTED = {"declaration_type": "started", "declaration_date": "2021-12-01T09:30"}
FAILED = {"state": "failed", "completion_date": "2021-12-03"}
CHANGED = "Somebody changed these records since you looked"


@pytest.fixture
def completed(enrolment):
    """Return a completed declaration, with which the participant passed."""
    return declare(enrolment, "completed")


@pytest.fixture
def seen(api):
    """Return a function that returns what its provider is answered about a declaration."""

    def ask(declaration):
        path = f"/participant-declarations/{declaration.pk}"
        return api(declaration.lead_provider, "GET", path).json()["data"]["attributes"]

    return ask


def outcomes_of(declaration):
    return list(declaration.outcomes.order_by("created_at").values_list("state", flat=True))


def pay(statement):
    make_payable(as_of=date(2021, 12, 26), by=BY, at=NOW)
    mark_paid(statement_id=statement.pk, by=BY, at=NOW)


def test_a_declaration_is_recorded_on_behalf_of_the_provider(caseworker, enrolment, seen):
    statement = open_for(enrolment.lead_provider)
    path = page_of("declare", enrolment)
    before = counts()
    assert shown(caseworker.preview(path, **STARTED)) == {
        "state": ("none", "Eligible"),
        "statement": ("none", f"{statement} (Open)"),
    }
    assert counts() == before
    correction = caseworker.make(path, **STARTED)
    declaration = Declaration.objects.get()
    event = declaration.events.get()
    assert (event.staff.username, event.reason) == ("casey", WHY)
    answered = seen(declaration)
    assert (answered["state"], answered["declaration_date"]) == ("eligible", "2021-12-01T09:30:00Z")
    page = caseworker.client.get(undo_page_of(correction)).content.decode()
    assert KINDS["declare"].instead in page


def test_a_declaration_is_dated_in_londons_time(caseworker, enrolment):
    schedule = enrolment.schedule
    schedule.milestones.update(start_date=date(2021, 6, 1))
    caseworker.correct("declare", enrolment, **{**STARTED, "declaration_date": "2021-07-01T09:30"})
    assert f"{Declaration.objects.get().declaration_date:%H:%M}" == "08:30"


def test_a_course_that_was_passed_is_recorded_with_its_outcome(caseworker, enrolment, completed):
    void(completed)
    values = {**STARTED, "declaration_type": "completed"}
    path = page_of("declare", enrolment)
    assert "has_passed" in caseworker.preview(path, **values).context["form"].errors
    previewed = caseworker.preview(path, **values, has_passed="true")
    assert shown(previewed)["outcome"] == ("none", "Passed, 1 Dec 2021")
    caseworker.make(path, **values, has_passed="true")
    assert outcomes_of(Declaration.objects.latest("created_at")) == ["passed"]


def test_the_schedules_milestones_are_offered(caseworker, enrolment):
    form = caseworker.client.get(page_of("declare", enrolment)).context["form"]
    offered = [value for value, _words in form.fields["declaration_type"].choices]
    assert offered == ["", "started", "retained-1", "completed"]


def test_an_unpaid_declaration_is_voided(caseworker, completed, seen):
    assert shown(caseworker.preview(page_of("void", completed))) == {
        "state": ("Eligible", "Voided"),
        "outcome": ("Passed, 1 Dec 2021", "Voided, 1 Dec 2021"),
        "notification": ("none", "Waiting"),
    }
    assert not Notification.objects.exists()
    correction = caseworker.correct("void", completed)
    assert (correction.record_id, correction.reason) == (completed.pk, WHY)
    assert seen(completed)["state"] == "voided"
    assert Notification.objects.count() == 1
    page = caseworker.client.get(undo_page_of(correction)).content.decode()
    assert KINDS["void"].instead in page


def test_a_paid_declaration_is_clawed_back(caseworker, enrolment, seen):
    statement = open_for(enrolment.lead_provider)
    declaration = declare(enrolment)
    pay(statement)
    declaration.refresh_from_db()
    refused = caseworker.preview(page_of("void", declaration))
    assert "claw it back instead" in told(refused)
    correction = caseworker.correct("claw-back", declaration)
    assert seen(declaration)["state"] == "awaiting-clawback"
    page = caseworker.client.get(undo_page_of(correction)).content.decode()
    assert KINDS["claw-back"].instead in page


def test_an_outcome_is_corrected_and_that_is_undone(caseworker, completed, seen):
    path = page_of("correct-outcome", completed)
    form = caseworker.client.get(path).context["form"]
    assert form.initial["state"] == "passed"
    before = facts()
    correction = caseworker.make(path, **FAILED)
    assert Outcome.objects.latest("created_at").reason == WHY
    assert seen(completed)["has_passed"] is False
    assert (
        undo_page_of(correction)
        in caseworker.client.get(
            f"/admin/participants/participant/{completed.application.participant_id}/change/"
        ).content.decode()
    )
    caseworker.undo(correction)
    assert facts() == before
    assert outcomes_of(completed) == ["passed", "failed", "passed"]


def test_an_outcome_is_retracted_and_recorded_again(caseworker, completed, seen):
    correction = caseworker.correct("retract-outcome", completed)
    assert seen(completed)["state"] == "eligible"
    assert Notification.objects.count() == 1
    caseworker.undo(correction)
    assert outcomes_of(completed) == ["passed", "voided", "passed"]


def test_an_outcome_that_was_recorded_is_undone_by_retracting_it(caseworker, completed):
    caseworker.correct("retract-outcome", completed)
    correction = caseworker.correct("record-outcome", completed, **FAILED)
    caseworker.undo(correction)
    assert outcomes_of(completed) == ["passed", "voided", "failed", "voided"]
    assert Notification.objects.count() == 1


def test_what_fits_the_declaration_is_offered(caseworker, colleague, completed):
    def offered(slug):
        pages = (
            f"/admin/declarations/declaration/{completed.pk}/change/",
            f"/admin/participants/participant/{completed.application.participant_id}/change/",
        )
        found = [page_of(slug, completed) in it for it in map(colleague_sees, pages)]
        assert len(set(found)) == 1
        return found[0]

    def colleague_sees(path):
        return colleague.client.get(path).content.decode()

    def all_offered():
        slugs = ("void", "claw-back", "record-outcome", "correct-outcome", "retract-outcome")
        return {slug for slug in slugs if offered(slug)}

    assert all_offered() == {"void", "correct-outcome", "retract-outcome"}
    caseworker.correct("retract-outcome", completed)
    assert all_offered() == {"void", "record-outcome"}
    caseworker.correct("void", completed)
    assert all_offered() == set()


def test_whoever_voids_after_the_providers_client_is_told(caseworker, completed, api):
    path = page_of("void", completed)
    previewed = caseworker.preview(path)
    answer = api(completed.lead_provider, "PUT", f"/participant-declarations/{completed.pk}/void")
    assert answer.status_code == 200
    before = counts()
    assert CHANGED in told(caseworker.confirm(path, previewed))
    assert counts() == before


def test_whoever_declares_after_the_providers_client_is_told(caseworker, enrolment):
    path = page_of("declare", enrolment)
    previewed = caseworker.preview(path, **STARTED)
    declare(enrolment)
    before = counts()
    answer = caseworker.confirm(path, previewed, **STARTED)
    assert CHANGED in told(answer)
    assert "voided before another is made" in told(answer)
    assert counts() == before


def test_an_outcome_is_not_given_to_a_declaration_that_was_replaced(caseworker, completed):
    void(completed)
    standing = declare(completed.application, "completed")
    answer = caseworker.preview(page_of("correct-outcome", completed), **FAILED)
    assert str(standing.pk) in told(answer)
    assert outcomes_of(standing) == ["passed"]
