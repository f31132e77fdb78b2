"""Milestones are added, edited and removed (rules 14.11)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from declarations.models import ContractPrice
from declarations.services import (
    make_payable,
    mark_paid,
    set_contract_price,
)
from npq_portal.back_office.integrity import findings
from npq_portal.errors import Refused
from participants.models import Participant
from schedules.services import editing
from tests.declarations.conftest import AT, BY
from tests.declarations.test_who_is_paid import withdraw
from tests.factories.participants import EnrolmentFactory, ParticipantFactory
from tests.schedules.test_editing import (
    BOXING_DAY,
    dates_of,
    is_signed,
    refused,
    sound,
    started_of,
)


def test_milestones_stay_where_declarations_need_them(enrolment, declare, why):
    sound(enrolment)
    declare(enrolment, declaration_date=datetime(2021, 12, 1, tzinfo=UTC))
    started = started_of(enrolment)
    assert refused(editing.remove_milestone, milestone_id=started.pk, **why) == {
        "declaration_type": "declarations-conflict"
    }
    late = dates_of(started, start_date=date(2021, 12, 2))
    for other in enrolment.schedule.milestones.exclude(pk=started.pk):
        editing.edit_milestone(**dates_of(other, start_date=date(2021, 12, 2)), **why)
    assert refused(editing.edit_milestone, **late, **why) == {"start_date": "declarations-conflict"}
    wrong = dates_of(started, cut_off_date=date(2021, 10, 1))
    assert refused(editing.edit_milestone, **wrong, **{**why, "reason": ""}) == {
        "reason": "missing",
        "cut_off_date": "invalid",
    }
    assert refused(editing.edit_milestone, **dates_of(started), **why) == {
        "base": "nothing-changes"
    }
    unused = enrolment.schedule.milestones.get(declaration_type="retained-1")
    editing.remove_milestone(milestone_id=unused.pk, **why)
    assert is_signed(unused, why, "-")
    assert list(findings()) == []


def test_a_moved_cut_off_assesses_again_who_had_left(enrolment, declare, opened, why):
    sound(enrolment)
    (statement,) = opened(enrolment.lead_provider)
    declaration = declare(enrolment)
    withdraw(enrolment, datetime(2021, 12, 26, 12, tzinfo=UTC))
    declaration.refresh_from_db()
    assert declaration.state == "eligible"
    editing.edit_milestone(
        **dates_of(started_of(enrolment), cut_off_date=date(2021, 12, 27)), **why
    )
    declaration.refresh_from_db()
    assert (declaration.state, declaration.statement) == ("ineligible", None)
    assert list(findings()) == []
    editing.edit_milestone(**dates_of(started_of(enrolment), cut_off_date=None), **why)
    declaration.refresh_from_db()
    assert (declaration.state, declaration.statement) == ("eligible", statement)
    assert declaration.events.latest("id").staff_id == why["by"].staff_id
    assert list(findings()) == []


@pytest.mark.parametrize("same_record", [True, False])
def test_a_cut_off_is_not_moved_where_two_would_then_count_for_one_person(
    enrolment, declare, opened, why, same_record
):
    trn = {"teacher_reference_number": "1234567", "teacher_reference_number_validated": True}
    Participant.objects.filter(pk=enrolment.participant_id).update(**trn)
    person = enrolment.participant if same_record else ParticipantFactory(**trn)
    sound(enrolment)
    opened(enrolment.lead_provider)
    started = started_of(enrolment)
    editing.edit_milestone(**dates_of(started, cut_off_date=date(2021, 12, 27)), **why)
    first = declare(enrolment)
    withdraw(enrolment, datetime(2021, 12, 26, 12, tzinfo=UTC))
    again = EnrolmentFactory(participant=person, lead_provider=enrolment.lead_provider)
    second = declare(sound(again), declaration_date=datetime(2021, 12, 2, tzinfo=UTC))
    assert refused(editing.edit_milestone, **dates_of(started, cut_off_date=None), **why) == {
        "base": "slot-taken"
    }
    for declaration, state in ((first, "ineligible"), (second, "eligible")):
        declaration.refresh_from_db()
        assert declaration.state == state


def test_what_was_paid_holds_the_cut_off_and_the_types(enrolment, declare, opened, why):
    sound(enrolment)
    (statement,) = opened(enrolment.lead_provider)
    price = {
        "lead_provider_id": enrolment.lead_provider_id,
        "cohort_id": enrolment.cohort_id,
        "course_id": enrolment.course_id,
    }
    set_contract_price(price_per_participant=Decimal("900.00"), **price, **why)
    declaration = declare(enrolment)
    withdraw(enrolment, datetime(2021, 12, 26, 12, tzinfo=UTC))
    make_payable(as_of=date(2022, 2, 26), by=BY, at=AT)
    mark_paid(statement_id=statement.pk, by=BY, at=AT)
    started = started_of(enrolment)
    with pytest.raises(Refused, match="Choose 2021-12-26 or an earlier day"):
        editing.edit_milestone(**dates_of(started, cut_off_date=date(2021, 12, 27)), **why)
    editing.edit_milestone(**dates_of(started, cut_off_date=BOXING_DAY), **why)
    new = {"schedule_id": enrolment.schedule_id, "declaration_type": "retained-2"}
    days = {"start_date": date(2021, 11, 1), "cut_off_date": None, "payment_date": None}
    assert refused(editing.add_milestone, **new, **days, **why) == {"base": "declarations-conflict"}
    changed = set_contract_price(price_per_participant=Decimal("1.50"), **price, **why)
    assert is_signed(changed, why)
    declaration.refresh_from_db()
    assert declaration.amount == Decimal("300.00")
    for wrong, code in (("1.50", "nothing-changes"), ("0", "invalid"), ("1.005", "invalid")):
        values = {"price_per_participant": Decimal(wrong), **price, **why}
        assert refused(set_contract_price, **values) == {"price_per_participant": code}
    assert ContractPrice.objects.count() == 1
    assert list(findings()) == []
