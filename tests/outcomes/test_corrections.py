"""What staff put right about outcomes (rules 14.10)."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from npq_portal.back_office.integrity import findings
from npq_portal.errors import NotFound, Refused
from npq_portal.history import Actor
from npq_portal.providers.services import create_api_token
from outcomes.models import Notification, Outcome
from outcomes.services import (
    record_first_outcome,
    record_outcome_for_provider,
    retract_outcome_by_staff,
)
from tests.outcomes.rows import AT, BY, completed

DAY = date(2024, 5, 1)


@pytest.fixture
def staff(member):
    return Actor(staff_id=member("caseworker").pk)


@pytest.fixture
def declaration(db):
    declaration = completed()
    record_first_outcome(declaration=declaration, by=BY, at=AT - timedelta(days=1))
    return declaration


def record(declaration, staff, **changes):
    values = {
        "declaration_id": declaration.pk,
        "state": "failed",
        "completion_date": DAY,
        "reason": "The mark was misread.",
        "by": staff,
        "at": AT,
    }
    return record_outcome_for_provider(**{**values, **changes})


def retract(declaration, staff, **changes):
    values = {
        "declaration_id": declaration.pk,
        "reason": "Of somebody else.",
        "by": staff,
        "at": AT,
    }
    return retract_outcome_by_staff(**{**values, **changes})


def refused(act, *args, **values):
    before = Outcome.objects.count()
    with pytest.raises(Refused) as caught:
        act(*args, **values)
    assert Outcome.objects.count() == before
    return {it.attribute: it.code for it in caught.value.refusals}


def test_staff_correct_an_outcome_and_the_provider_sees_it(declaration, staff, client):
    outcome = record(declaration, staff)
    assert (outcome.staff_id, outcome.reason) == (staff.staff_id, "The mark was misread.")
    assert not Notification.objects.exists()
    secret = create_api_token(lead_provider=declaration.lead_provider, by=BY, at=AT)[1]
    answer = client.get(
        f"/api/v1/participant-declarations/{declaration.pk}",
        headers={"authorization": f"Bearer {secret}"},
    ).json()["data"]["attributes"]
    assert (answer["has_passed"], answer["updated_at"]) == (False, f"{AT:%Y-%m-%dT%H:%M:%SZ}")
    assert list(findings()) == []


def test_a_pass_that_staff_retract_is_told_and_the_declaration_stands(declaration, staff):
    retraction = retract(declaration, staff)
    assert (retraction.state, retraction.reason) == ("voided", "Of somebody else.")
    assert retraction.notification.state == "waiting"
    declaration.refresh_from_db()
    assert declaration.state == "submitted"
    assert refused(retract, declaration, staff) == {"base": "nothing-changes"}
    record(declaration, staff)
    assert retract(declaration, staff).state == "voided"
    assert Notification.objects.count() == 1
    assert list(findings()) == []


def test_what_is_wrong_comes_back_together(declaration, staff):
    record(declaration, staff)
    assert refused(record, declaration, staff, reason="") == {
        "reason": "missing",
        "base": "nothing-changes",
    }
    later = date(2024, 6, 2)
    assert refused(record, declaration, staff, state="voided", completion_date=later) == {
        "state": "voided-not-postable",
        "completion_date": "date-in-future",
    }


@pytest.mark.parametrize("act", [record, retract])
def test_there_must_be_a_completed_declaration_with_outcomes(db, staff, act):
    assert refused(act, completed(1, state="voided"), staff, reason="") == {
        "reason": "missing",
        "base": "no-completed-declaration",
    }
    assert refused(act, completed(2, has_outcomes=False), staff) == {
        "base": "no-outcomes-for-course"
    }


@pytest.mark.parametrize("act", [record, retract])
def test_unknown_declarations_are_not_found_and_only_staff_correct(declaration, staff, act):
    with pytest.raises(NotFound):
        act(declaration, staff, declaration_id=uuid4())
    with pytest.raises(ValueError, match="Only staff"):
        act(declaration, BY)
