"""Who may correct, what is offered, what undoing depends on, and who comes second."""

from datetime import timedelta

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from npq_portal.back_office.models import Correction
from tests.back_office.corrections.conftest import (
    Desk,
    counts,
    facts,
    page_of,
    told,
    undo_page_of,
)
from tests.factories.participants import ApplicationFactory
from tests.factories.providers import LeadProviderFactory
from tests.participants.corrections.conftest import DATED, NOW, declare, open_for

WITHDRAWAL = {"withdrawn_on": "2021-12-05", "withdrawal_reason": "other"}
CORRECTIONS = "/admin/back_office/correction/"
CHANGED = "Somebody changed these records since you looked"


def page_with_links(application):
    return reverse("admin:participants_application_change", args=[application.pk])


def links(desk, application):
    return desk.client.get(page_with_links(application)).content.decode()


@pytest.mark.parametrize("role", ["viewer", "finance", "administrator"])
def test_only_caseworkers_correct(member, role, caseworker, enrolment):
    other = Desk(member(role))
    correction = caseworker.correct("withdraw", enrolment, **WITHDRAWAL)
    before = counts()
    for path in (page_of("reinstate", enrolment), undo_page_of(correction)):
        assert other.client.get(path).status_code == 403
        assert other.client.post(path, {"reason": "So."}).status_code == 403
    assert "Correct" not in links(other, enrolment)
    assert counts() == before


def test_what_there_is_not_is_not_found(caseworker, enrolment):
    get = caseworker.client.get
    assert get(page_of("no-such-kind", enrolment)).status_code == 404
    assert get(page_of("withdraw", enrolment.participant)).status_code == 404
    assert get("/admin/back_office/correction/77/undo/").status_code == 404


@pytest.mark.parametrize("kind", ["accept-again", "reject-again", "accept-deferred"])
def test_what_only_undoes_is_not_asked_for_by_itself(caseworker, db, kind):
    path = page_of(kind, ApplicationFactory.create(status="pending"))
    before = counts()
    assert caseworker.client.get(path).status_code == 404
    values = {"reason": "So.", "deferral_reason": "other", "seen": "what was seen"}
    assert caseworker.client.post(path, values).status_code == 404
    assert counts() == before


def test_what_fits_the_record_is_offered(caseworker, enrolment):
    offered = links(caseworker, enrolment)
    assert page_of("withdraw", enrolment) in offered
    assert page_of("reinstate", enrolment) not in offered
    assert page_of("accept-again", enrolment) not in offered
    correction = caseworker.correct("withdraw", enrolment, **WITHDRAWAL)
    offered = links(caseworker, enrolment)
    assert page_of("withdraw", enrolment) not in offered
    assert page_of("reinstate", enrolment) in offered
    assert undo_page_of(correction) in offered
    person = reverse("admin:participants_participant_change", args=[enrolment.participant_id])
    answer = caseworker.client.get(person).content.decode()
    assert page_of("correct-details", enrolment.participant) in answer


def test_a_kind_of_correction_has_one_name_everywhere(caseworker, enrolment):
    correction = caseworker.correct("withdraw", enrolment, **WITHDRAWAL)
    caseworker.correct(
        "change-funding", enrolment, ineligible_for_funding_reason="previously-funded"
    )
    listed = caseworker.client.get(CORRECTIONS)
    assertContains(listed, '<td class="field-kind_title">Change funding</td>', html=True)
    assertContains(listed, '<a href="?kind=change-funding">Change funding</a>', html=True)
    found = caseworker.client.get(CORRECTIONS, {"kind": "withdraw"})
    assert list(found.context["cl"].queryset) == [correction]
    page = caseworker.client.get(f"{CORRECTIONS}{correction.pk}/change/")
    for title in ("Withdraw", "Reinstate"):
        assertContains(page, f'<div class="readonly">{title}</div>', html=True)


def test_a_preview_says_what_follows_for_declarations(caseworker, enrolment):
    statement = open_for(enrolment.lead_provider)
    declare(enrolment)
    answer = caseworker.preview(
        page_of("change-funding", enrolment), ineligible_for_funding_reason="previously-funded"
    )
    shown = {it.name: (it.before, it.after) for it in answer.context["effect"].differences}
    assert shown["state"] == ("Eligible", "Submitted")
    assert shown["statement"] == (f"{statement} (Open)", "none")


def test_a_refusal_is_told_at_its_field_and_in_the_summary(caseworker, enrolment, next_autumn):
    declare(enrolment, date=DATED)
    before = counts()
    answer = caseworker.preview(page_of("change-schedule", enrolment), schedule=next_autumn.pk)
    assert answer.context["effect"] is None
    assert "declaration" in str(answer.context["form"].errors["schedule"])
    html = answer.content.decode()
    assert 'href="#id_schedule"' in html
    assert 'aria-describedby="id_schedule_helptext id_schedule_error"' in html
    assert "Error:" in html
    assert counts() == before


def test_one_can_go_back_from_the_preview_to_the_form(caseworker, enrolment):
    path = page_of("withdraw", enrolment)
    previewed = caseworker.preview(path, **WITHDRAWAL)
    seen = {"seen": previewed.context["effect"].fingerprint, "again": "Back to the form"}
    answer = caseworker.client.post(path, {"reason": "Said so", **WITHDRAWAL, **seen})
    assert answer.context["effect"] is None
    assert 'value="2021-12-05"' in answer.content.decode()
    assert not Correction.objects.exists()


def test_the_second_caseworker_is_told(caseworker, colleague, enrolment, other_provider):
    path = page_of("withdraw", enrolment)
    first, second = (it.preview(path, **WITHDRAWAL) for it in (caseworker, colleague))
    assert caseworker.confirm(path, first, **WITHDRAWAL).status_code == 302
    before = counts()
    answer = colleague.confirm(path, second, **WITHDRAWAL)
    assert CHANGED in told(answer)
    assert "has withdrawn" in told(answer)
    assert counts() == before


def test_the_second_is_told_of_another_change_too(caseworker, colleague, enrolment):
    path = page_of("withdraw", enrolment)
    previewed = caseworker.preview(path, **WITHDRAWAL)
    funding = {"ineligible_for_funding_reason": "previously-funded"}
    colleague.correct("change-funding", enrolment, **funding)
    before = counts()
    assert CHANGED in told(caseworker.confirm(path, previewed, **WITHDRAWAL))
    assert counts() == before


def test_who_changed_something_there_and_back_is_noticed(caseworker, colleague, enrolment):
    path = page_of("withdraw", enrolment)
    previewed = caseworker.preview(path, **WITHDRAWAL)
    colleague.undo(colleague.correct("defer", enrolment, deferral_reason="other"))
    assert CHANGED in told(caseworker.confirm(path, previewed, **WITHDRAWAL))


def test_the_second_after_the_providers_client_is_told(caseworker, enrolment, api):
    path = page_of("withdraw", enrolment)
    previewed = caseworker.preview(path, **WITHDRAWAL)
    answer = api(
        enrolment.lead_provider,
        "PUT",
        f"/participants/npq/{enrolment.participant_id}/defer",
        {"course_identifier": enrolment.course.identifier, "reason": "other"},
    )
    assert answer.status_code == 200
    before = counts()
    assert CHANGED in told(caseworker.confirm(path, previewed, **WITHDRAWAL))
    assert counts() == before


def test_other_values_than_were_previewed_are_not_carried_out(caseworker, enrolment):
    path = page_of("withdraw", enrolment)
    previewed = caseworker.preview(path, **WITHDRAWAL)
    other = {**WITHDRAWAL, "withdrawn_on": "2021-12-06"}
    assert CHANGED in told(caseworker.confirm(path, previewed, **other))


def test_nothing_is_undone_once_something_else_happened(caseworker, enrolment, api):
    correction = caseworker.correct("defer", enrolment, deferral_reason="other")
    path = undo_page_of(correction)
    previewed = caseworker.preview(path)
    declare(enrolment)
    assert undo_page_of(correction) not in links(caseworker, enrolment)
    before = counts()
    for answer in (caseworker.client.get(path), caseworker.confirm(path, previewed)):
        assert "this can&#x27;t be undone" in answer.content.decode()
    assert counts() == before


def test_the_newest_correction_is_undone_first(caseworker, enrolment):
    funding = {"ineligible_for_funding_reason": "previously-funded"}
    before = facts()
    first = caseworker.correct("change-funding", enrolment, **funding)
    second = caseworker.correct("defer", enrolment, deferral_reason="other")
    assert undo_page_of(first) not in links(caseworker, enrolment)
    caseworker.undo(second)
    assert undo_page_of(first) in links(caseworker, enrolment)
    caseworker.undo(first)
    assert facts() == before
    for correction in (first, second):
        answer = caseworker.client.get(undo_page_of(correction))
        assert "form" not in answer.context


@pytest.mark.parametrize(
    ("kind", "values", "not_undone"),
    [("withdraw", WITHDRAWAL, {}), ("revert", {}, {"accepted": "10 Dec 2021"})],
)
def test_who_was_deferred_is_deferred_again_by_an_undo(
    caseworker, enrolment, kind, values, not_undone
):
    caseworker.correct("defer", enrolment, deferral_reason="other")
    before = facts()
    correction = caseworker.correct(kind, enrolment, **values)
    caseworker.undo(correction)
    left = {f"application {enrolment.pk} {name}": value for name, value in not_undone.items()}
    assert facts() == {**before, **left}


def test_the_preview_of_an_undo_shows_the_day_of_the_acceptance_to_come(caseworker, enrolment):
    correction = caseworker.correct("revert", enrolment)
    effect = caseworker.preview(undo_page_of(correction)).context["effect"]
    shown = {it.name: (it.before, it.after) for it in effect.differences}
    assert shown["accepted"] == ("none", "10 Dec 2021")


def test_what_was_undone_already_says_so(caseworker, colleague, enrolment):
    correction = caseworker.correct("revert", enrolment)
    colleague.undo(correction)
    answer = caseworker.client.get(undo_page_of(correction)).content.decode()
    assert "It was undone already, by robin." in answer
    assert "had withdrawn" not in answer


def test_what_cannot_be_undone_any_more_is_not_told_of_a_withdrawal(caseworker, enrolment):
    correction = caseworker.correct("revert", enrolment)
    caseworker.correct("transfer", enrolment, lead_provider=LeadProviderFactory.create().pk)
    answer = caseworker.client.get(undo_page_of(correction)).content.decode()
    assert "Something else has happened since" in answer
    assert "had withdrawn" not in answer


def test_an_undo_is_not_undone(caseworker, enrolment):
    undoing = caseworker.undo(caseworker.correct("defer", enrolment, deferral_reason="other"))
    answer = caseworker.client.get(undo_page_of(undoing)).content.decode()
    assert "make the other correction again" in answer


def test_who_had_withdrawn_is_not_accepted_anew_by_an_undo(caseworker, enrolment):
    caseworker.correct("withdraw", enrolment, **WITHDRAWAL)
    correction = caseworker.correct("revert", enrolment)
    answer = caseworker.client.get(undo_page_of(correction)).content.decode()
    assert "accepted again, then withdraw them" in answer


def test_a_posted_value_does_not_change_what_an_undo_does(caseworker, enrolment, spring):
    autumn = enrolment.schedule
    correction = caseworker.correct("change-schedule", enrolment, schedule=spring.pk)
    answer = caseworker.preview(undo_page_of(correction), schedule=spring.pk)
    assert answer.context["effect"].differences[0].after == str(autumn)


def test_an_undo_says_why_it_is_refused_though_it_asks_for_the_reason_alone(caseworker, enrolment):
    caseworker.correct("withdraw", enrolment, **WITHDRAWAL)
    reinstated = caseworker.correct("reinstate", enrolment)
    Correction.objects.filter(pk=reinstated.pk).update(
        opposite_values={"withdrawn_at": "2021-12-10T13:00:00+00:00", "withdrawal_reason": "gone"}
    )
    answer = caseworker.preview(undo_page_of(reinstated)).content.decode()
    assert "Why the participant left: Select a valid choice" in answer
    Correction.objects.filter(pk=reinstated.pk).update(
        opposite_values={"withdrawn_at": "2021-12-10T13:00:00+00:00", "withdrawal_reason": "other"}
    )
    answer = caseworker.preview(undo_page_of(reinstated)).content.decode()
    assert "<li>Withdrawn on: The day is in the future; give today or earlier.</li>" in answer
    assert "#id_withdrawn_at" not in answer


def test_an_undone_reinstatement_withdraws_as_of_the_instant_from_before(
    caseworker, enrolment, api
):
    declare(enrolment, at=NOW, date=NOW - timedelta(hours=3))
    answer = api(
        enrolment.lead_provider,
        "PUT",
        f"/participants/npq/{enrolment.participant_id}/withdraw",
        {"course_identifier": enrolment.course.identifier, "reason": "other"},
    )
    assert answer.status_code == 200
    enrolment.refresh_from_db()
    withdrawn_at = enrolment.withdrawn_at
    caseworker.undo(caseworker.correct("reinstate", enrolment))
    enrolment.refresh_from_db()
    assert enrolment.withdrawn_at == withdrawn_at
