"""Two confirm at once: the second is told, and nothing is lost (rules 14.15)."""

from html import unescape

import httpx
import pytest

from declarations.models import Declaration, DeclarationEvent
from npq_portal.back_office.integrity import findings
from npq_portal.back_office.models import Correction
from participants.models import Application
from tests.back_office.corrections.conftest import Desk, page_of, undo_page_of
from tests.concurrency.conftest import together
from tests.concurrency.test_rivals import started

ROUNDS = 4
CHANGED = "Somebody changed these records since you looked"
GONE = "Something else has happened since, so this can't be undone."
FUNDING = {"ineligible_for_funding_reason": "previously-funded"}
DEFERRAL = {"deferral_reason": "other"}


@pytest.fixture
def desks(transactional_db, member):
    return [Desk(member("caseworker", username=name)) for name in ("casey", "robin")]


@pytest.fixture
def provider(live_server, enrolment, token_of):
    """Return what lets the enrolment's provider send a request."""
    bearer = {"Authorization": f"Bearer {token_of(enrolment.lead_provider)}"}
    with httpx.Client(base_url=live_server.url, headers=bearer, timeout=60) as client:

        def send(method, path, attributes):
            body = {"data": {"attributes": attributes}}
            return client.request(method, f"/api/v1{path}", json=body)

        yield send


def confirming(desk, path, **values):
    """Let somebody look at a preview; return what confirms it."""
    previewed = desk.preview(path, **values)
    return lambda: desk.confirm(path, previewed, **values)


def is_done(answer):
    """Return whether a confirmation was carried out; otherwise it has to say why not."""
    if answer.status_code == 302:
        return True
    told = unescape(answer.content.decode())
    # Who undoes after the other is done finds the page without what confirms.
    assert CHANGED in told or GONE in told
    return False


@pytest.mark.parametrize("_round", range(ROUNDS))
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("defer", DEFERRAL), ("defer", DEFERRAL)),
        (("defer", DEFERRAL), ("change-funding", FUNDING)),
        (("revert", {}), ("change-funding", FUNDING)),
    ],
)
def test_of_two_caseworkers_one_is_told(desks, enrolment, first, second, _round):
    calls = [
        confirming(desk, page_of(kind, enrolment), **values)
        for desk, (kind, values) in zip(desks, (first, second), strict=True)
    ]
    done = [is_done(answer) for answer in together(*calls)]
    assert sorted(done) == [False, True]
    winner = done.index(True)
    correction = Correction.objects.get()
    assert correction.kind == (first, second)[winner][0]
    assert correction.staff == desks[winner].user
    assert list(findings()) == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_who_undo_the_same_one_is_told(desks, enrolment, _round):
    correction = desks[0].correct("defer", enrolment, **DEFERRAL)
    path = undo_page_of(correction)
    answers = together(*(confirming(desk, path) for desk in desks))
    assert sorted(is_done(it) for it in answers) == [False, True]
    assert Correction.objects.filter(undoes=correction).count() == 1
    enrolment.refresh_from_db()
    assert enrolment.training_status == "active"
    assert list(findings()) == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_declaration_and_a_withdrawal_together(desks, enrolment, provider, _round):
    values = {"withdrawn_on": f"{enrolment.accepted_at:%Y-%m-%d}", "withdrawal_reason": "other"}
    confirm = confirming(desks[0], page_of("withdraw", enrolment), **values)
    answer, declared = together(
        confirm, lambda: provider("POST", "/participant-declarations", started(enrolment))
    )
    withdrawn = is_done(answer)
    assert declared.status_code == (422 if withdrawn else 200)
    assert Declaration.objects.count() == (not withdrawn)
    assert Application.objects.get(pk=enrolment.pk).is_withdrawn == withdrawn
    assert list(findings()) == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_void_by_both_happens_once(desks, enrolment, provider, _round):
    made = provider("POST", "/participant-declarations", started(enrolment)).json()
    declaration = Declaration.objects.get(pk=made["data"]["id"])
    confirm = confirming(desks[0], page_of("void", declaration))
    answer, voided = together(
        confirm, lambda: provider("PUT", f"/participant-declarations/{declaration.pk}/void", {})
    )
    assert voided.status_code == (422 if is_done(answer) else 200)
    assert DeclarationEvent.objects.filter(to_state="voided").count() == 1
    assert list(findings()) == []
