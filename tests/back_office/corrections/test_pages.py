"""Who may correct, what is offered, what undoing depends on, and who comes second."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from npq_portal.back_office.models import Correction
from tests.back_office.corrections.conftest import (
    Desk,
    counts,
    page_of,
    told,
    undo_page_of,
)
from tests.factories.participants import ApplicationFactory
from tests.participants.corrections.conftest import DATED, NOW, WHY, declare, open_for

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


FUNDING = {"ineligible_for_funding_reason": "previously-funded"}
DETAILS = {"full_name": "Ada King", "email": "ada@example.com"}
RENEWED = "Somebody changed this since you opened the form"


@pytest.fixture
def ada(enrol):
    return enrol(participant__email="ada@example.com").participant


def opened(desk, path):
    return desk.client.get(path).context["form"].opened


def test_a_form_from_before_a_colleagues_correction_puts_nothing_back(caseworker, colleague, ada):
    path = page_of("correct-details", ada)
    old = opened(caseworker, path)
    colleague.correct("correct-details", ada, full_name=ada.full_name, email="new@example.org")
    answer = caseworker.preview(path, opened=old, **DETAILS)
    assert answer.context["effect"] is None
    assert RENEWED in told(answer)
    html = answer.content.decode()
    assert 'value="new@example.org"' in html
    assert WHY in html
    fresh = {"full_name": "Ada King", "email": "new@example.org"}
    again = caseworker.preview(path, opened=answer.context["form"].opened, **fresh)
    assert [it.name for it in again.context["effect"].differences] == ["name"]


def test_a_form_shown_again_is_as_old_as_it_was(caseworker, colleague, ada):
    path = page_of("correct-details", ada)
    old = opened(caseworker, path)
    colleague.correct("correct-details", ada, full_name=ada.full_name, email="new@example.org")
    for back in ({"again": "Back to the form"}, {"full_name": ""}):
        values = {**DETAILS, "opened": old, **back}
        answer = caseworker.client.post(path, {"reason": WHY, **values})
        assert f'name="opened" value="{old}"' in answer.content.decode()


def test_a_confirmation_shows_anew_what_a_colleague_corrected(caseworker, colleague, ada):
    path = page_of("correct-details", ada)
    values = {**DETAILS, "opened": opened(caseworker, path)}
    previewed = caseworker.preview(path, **values)
    colleague.correct("correct-details", ada, full_name=ada.full_name, email="new@example.org")
    answer = caseworker.confirm(path, previewed, **values)
    assert CHANGED in told(answer)
    assert RENEWED in told(answer)
    assert 'value="new@example.org"' in answer.content.decode()


def test_a_form_of_funding_from_before_is_told_of_as_well(caseworker, colleague, enrolment):
    path = page_of("change-funding", enrolment)
    old = opened(caseworker, path)
    colleague.correct("change-funding", enrolment, **FUNDING)
    answer = caseworker.preview(path, opened=old, eligible_for_funding="on")
    assert RENEWED in told(answer)
    assert answer.context["form"]["eligible_for_funding"].value() is False


@pytest.mark.parametrize(
    ("kind", "values"), [("withdraw", WITHDRAWAL), ("change-funding", FUNDING), ("revert", {})]
)
def test_a_second_click_is_answered_as_the_first(caseworker, enrolment, kind, values):
    sibling = ApplicationFactory.create(participant=enrolment.participant, status="rejected")
    sibling.events.create(kind="rejected", at=NOW, command="test", because_of=enrolment)
    values = {**values, "siblings": [str(sibling.pk)]} if kind == "revert" else values
    path = page_of(kind, enrolment)
    previewed = caseworker.preview(path, **values)
    first = caseworker.confirm(path, previewed, **values)
    before = counts()
    second = caseworker.confirm(path, previewed, **values)
    assert (second.status_code, second.url) == (first.status_code, first.url) == (302, first.url)
    assert counts() == before


def test_a_second_click_is_another_one_with_another_reason_or_after_a_change(
    caseworker, colleague, enrolment
):
    path = page_of("change-funding", enrolment)
    previewed = caseworker.preview(path, **FUNDING)
    caseworker.confirm(path, previewed, **FUNDING)
    other_values = {"ineligible_for_funding_reason": ""}
    for who, why, values in (
        (caseworker, "Another reason.", FUNDING),
        (caseworker, WHY, other_values),
        (colleague, WHY, FUNDING),
    ):
        assert CHANGED in told(who.confirm(path, previewed, why=why, **values))
    declare(enrolment)
    assert CHANGED in told(caseworker.confirm(path, previewed, **FUNDING))


def test_a_reason_of_several_lines_is_counted_as_it_was_typed(caseworker, enrolment):
    typed = "\r\n".join(["x" * 99] * 20)
    path = page_of("withdraw", enrolment)
    caseworker.confirm(
        path, caseworker.preview(path, why=typed, **WITHDRAWAL), why=typed, **WITHDRAWAL
    )
    assert Correction.objects.get().reason == typed.replace("\r\n", "\n")
    undo = undo_page_of(Correction.objects.get())
    assert "at most 2000" in told(caseworker.preview(undo, why=f"{typed}\r\nand more"))


def page_of_correction(desk, correction):
    return desk.client.get(f"{CORRECTIONS}{correction.pk}/change/").content.decode()


def test_the_page_of_a_correction_says_in_words_what_was_filled_in(caseworker, enrolment, spring):
    correction = caseworker.correct("change-schedule", enrolment, schedule=spring.pk)
    page = page_of_correction(caseworker, correction)
    assert f"<div>New schedule: {spring}</div>" in page
    assert f"<div>New schedule: {enrolment.schedule}</div>" in page
    assert f'<a href="{page_with_links(enrolment)}">' in page
    correction = caseworker.correct("withdraw", enrolment, **WITHDRAWAL)
    page = page_of_correction(caseworker, correction)
    assert "<div>Withdrawn on: 5 Dec 2021</div>" in page
    assert "<div>Why the participant left: other</div>" in page
    correction = caseworker.correct("change-funding", enrolment, **FUNDING)
    page = page_of_correction(caseworker, correction)
    assert "<div>Eligible for funding: no</div>" in page
    assert "<div>Eligible for funding: yes</div>" in page


def test_the_page_of_a_correction_keeps_what_no_form_says_any_more(caseworker, enrolment):
    correction = caseworker.correct("withdraw", enrolment, **WITHDRAWAL)
    Correction.objects.update(
        values={"withdrawal_reason": "<gone>", "schedule_identifier": "npq-spring"}
    )
    page = page_of_correction(caseworker, correction)
    assert "<div>Why the participant left: &lt;gone&gt;</div>" in page
    assert "<div>schedule identifier: npq-spring</div>" in page
    Correction.objects.update(kind="forgotten", opposite_kind="forgotten")
    page = page_of_correction(caseworker, correction)
    assert "<div>withdrawal reason: &lt;gone&gt;</div>" in page
    assert str(enrolment.pk) in page
