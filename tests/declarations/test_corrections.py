"""What staff put right about declarations (rules 14.9)."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from declarations.models import Declaration
from declarations.rules import refusal_to_claw_back, refusal_to_void_unpaid
from declarations.services import (
    claw_back,
    make_payable,
    mark_paid,
    record_for_provider,
    void_for_provider,
)
from npq_portal.back_office.integrity import findings
from npq_portal.errors import NotFound, Refused
from npq_portal.history import Actor
from npq_portal.providers.services import create_api_token
from outcomes.models import Notification
from participants.models import Application, ApplicationEvent
from participants.services.corrections import transfer_application
from participants.services.records import list_participants
from tests.declarations.conftest import AT, BY
from tests.declarations.test_who_is_paid import PERSON
from tests.factories.participants import (
    ApplicationFactory,
    EnrolmentFactory,
    ParticipantFactory,
)
from tests.factories.providers import LONG_AGO, LeadProviderFactory

DECLARED = datetime(2021, 12, 1, 10, 0, 0, 999, tzinfo=UTC)
LATER = AT + timedelta(days=60)


@pytest.fixture
def staff(member):
    return Actor(staff_id=member("caseworker").pk)


@pytest.fixture
def sound(enrolment):
    list_participants([enrolment], at=LONG_AGO)
    ApplicationEvent.objects.create(
        application=enrolment, kind="accepted", at=LONG_AGO, **BY.columns()
    )
    return enrolment


def recorded(application, staff, **changes):
    values = {
        "declaration_type": "started",
        "declaration_date": DECLARED,
        "has_passed": None,
        "reason": " The provider wrote to us. ",
        "by": staff,
        "at": AT,
    }
    return record_for_provider(application_id=application.pk, **{**values, **changes})


def refused(act, *args, **values):
    before = Declaration.objects.count()
    with pytest.raises(Refused) as caught:
        act(*args, **values)
    assert Declaration.objects.count() == before
    return {it.attribute: it.code for it in caught.value.refusals}


def paid(statement):
    make_payable(as_of=date(2022, 2, 26), by=BY, at=LATER)
    mark_paid(statement_id=statement.pk, by=BY, at=LATER)


def last_event(declaration):
    return declaration.events.latest("id")


def seen_by(client, provider, path):
    secret = create_api_token(lead_provider=provider, by=BY, at=LATER)[1]
    answer = client.get(f"/api/v1{path}", headers={"authorization": f"Bearer {secret}"})
    return answer.json()["data"]


def test_staff_record_what_the_provider_could(sound, staff, opened):
    (statement,) = opened(sound.lead_provider)
    declaration = recorded(sound, staff)
    assert (declaration.state, declaration.statement) == ("eligible", statement)
    assert declaration.lead_provider == sound.lead_provider
    assert declaration.declaration_date == DECLARED.replace(microsecond=0)
    event = last_event(declaration)
    assert (event.staff_id, event.reason) == (staff.staff_id, "The provider wrote to us.")
    assert list(findings()) == []


def test_an_outcome_comes_with_a_completed_declaration_and_says_why(sound, staff):
    declaration = recorded(sound, staff, declaration_type="completed", has_passed=True)
    outcome = declaration.outcomes.get()
    assert (outcome.state, outcome.reason) == ("passed", "The provider wrote to us.")
    assert list(findings()) == []


def test_a_copy_is_refused_as_its_slot_is_taken(sound, staff, declare):
    declare(sound, declaration_date=DECLARED)
    assert refused(recorded, sound, staff) == {"base": "slot-taken"}


def test_the_rules_of_providers_hold_for_staff_all_at_once(sound, staff):
    later = {"declaration_date": AT + timedelta(seconds=1), "declaration_type": "completed"}
    assert refused(recorded, sound, staff, reason=" ", **later) == {
        "reason": "missing",
        "has_passed": "missing",
        "declaration_date": "date-in-future",
    }
    early = {"declaration_type": "retained-2", "declaration_date": LONG_AGO}
    assert refused(recorded, sound, staff, reason="x" * 2001, **early) == {
        "reason": "invalid",
        "declaration_type": "type-not-in-schedule",
        "declaration_date": "date-before-schedule",
    }
    assert refused(recorded, ApplicationFactory(), staff) == {"base": "not-accepted"}
    Application.objects.filter(pk=sound.pk).update(
        training_status="withdrawn", withdrawn_at=DECLARED, withdrawal_reason="other"
    )
    assert refused(recorded, sound, staff, declaration_date=AT) == {
        "declaration_date": "date-after-withdrawal"
    }


def test_a_duplicate_by_trn_is_recorded_as_ineligible(staff, declare):
    first, second = (
        EnrolmentFactory.create(participant=ParticipantFactory.create(**PERSON)) for _ in range(2)
    )
    original = declare(first, declaration_date=DECLARED)
    declaration = recorded(second, staff)
    assert (declaration.state, declaration.duplicate_of) == ("ineligible", original)


def test_staff_void_what_a_former_provider_submitted(sound, staff, declare, client):
    former = sound.lead_provider
    declaration = declare(sound, declaration_type="completed", has_passed=True)
    transfer_application(
        application_id=sound.pk,
        lead_provider_id=LeadProviderFactory.create().pk,
        reason="They moved.",
        by=staff,
        at=LATER,
    )
    void_for_provider(declaration_id=declaration.pk, reason="In error.", by=staff, at=LATER)
    event = last_event(declaration)
    assert (event.to_state, event.staff_id, event.reason) == (
        "voided",
        staff.staff_id,
        "In error.",
    )
    assert declaration.outcomes.latest("created_at").reason == "In error."
    assert Notification.objects.count() == 1
    attributes = seen_by(client, former, f"/participant-declarations/{declaration.pk}")
    assert attributes["attributes"]["voided"] is True
    assert attributes["attributes"]["updated_at"] == f"{LATER:%Y-%m-%dT%H:%M:%SZ}"
    assert list(findings()) == []


def test_staff_claw_back_what_was_paid(sound, staff, declare, opened, client):
    (statement,) = opened(sound.lead_provider)
    declaration = declare(sound, declaration_type="completed", has_passed=True)
    again = {"declaration_id": declaration.pk, "reason": "Never there.", "by": staff, "at": LATER}
    assert refused(claw_back, **again) == {"base": "not-paid"}
    paid(statement)
    assert refused(void_for_provider, **{**again, "reason": ""}) == {
        "base": "not-voidable",
        "reason": "missing",
    }
    (next_one,) = opened(
        sound.lead_provider, period="July 2022", deadline=date(2022, 6, 25), at=LATER
    )
    clawed = claw_back(**again)
    assert (clawed.state, clawed.clawback_statement) == ("awaiting-clawback", next_one)
    assert last_event(clawed).reason == "Never there."
    assert Notification.objects.count() == 1
    answer = seen_by(client, sound.lead_provider, f"/participant-declarations/{declaration.pk}")
    assert answer["attributes"]["state"] == "awaiting-clawback"
    assert answer["attributes"]["has_passed"] is None
    assert answer["attributes"]["clawback_statement_id"] == str(next_one.pk)
    assert refused(claw_back, **again) == {"base": "not-voidable"}
    assert list(findings()) == []


@pytest.mark.parametrize(
    ("state", "to_void", "to_claw_back"),
    [
        ("submitted", None, "not-paid"),
        ("eligible", None, "not-paid"),
        ("payable", None, "not-paid"),
        ("ineligible", None, "not-paid"),
        ("paid", "not-voidable", None),
        ("voided", "not-voidable", "not-voidable"),
        ("awaiting-clawback", "not-voidable", "not-voidable"),
        ("clawed-back", "not-voidable", "not-voidable"),
    ],
)
def test_every_state_is_voided_or_clawed_back_or_neither(state, to_void, to_claw_back):
    found = [refusal_to_void_unpaid(state), refusal_to_claw_back(state)]
    assert [it and it.code for it in found] == [to_void, to_claw_back]


def test_unknown_ids_are_not_found_and_only_staff_correct(staff, enrolment):
    with pytest.raises(NotFound):
        record_for_provider(
            application_id=uuid4(),
            declaration_type="started",
            declaration_date=DECLARED,
            has_passed=None,
            reason="r",
            by=staff,
            at=AT,
        )
    for act in (void_for_provider, claw_back):
        with pytest.raises(NotFound):
            act(declaration_id=uuid4(), reason="r", by=staff, at=AT)
    with pytest.raises(ValueError, match="Only staff"):
        recorded(enrolment, BY)
