"""Corrections are taken back on pages of their own (rules 14.14)."""

from datetime import timedelta

import pytest

from npq_portal.back_office.models import Correction
from tests.back_office.corrections.conftest import (
    counts,
    facts,
    undo_page_of,
)
from tests.back_office.corrections.test_pages import WITHDRAWAL, links
from tests.factories.providers import LeadProviderFactory
from tests.participants.corrections.conftest import NOW, declare


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


def test_a_second_click_on_an_undo_is_answered_as_the_first(caseworker, enrolment):
    path = undo_page_of(caseworker.correct("withdraw", enrolment, **WITHDRAWAL))
    previewed = caseworker.preview(path)
    first = caseworker.confirm(path, previewed)
    before = counts()
    second = caseworker.confirm(path, previewed)
    assert (second.status_code, second.url) == (302, first.url)
    assert counts() == before
    assert "It was undone already" in caseworker.client.get(path).content.decode()


def test_a_second_click_on_an_undo_is_another_one_once_something_happened(
    caseworker, colleague, enrolment
):
    path = undo_page_of(caseworker.correct("withdraw", enrolment, **WITHDRAWAL))
    previewed = caseworker.preview(path)
    caseworker.confirm(path, previewed)
    assert colleague.confirm(path, previewed).status_code == 200
    assert caseworker.confirm(path, previewed, why="Another reason.").status_code == 200
    declare(enrolment)
    assert caseworker.confirm(path, previewed).status_code == 200
