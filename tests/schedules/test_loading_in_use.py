"""Milestones that a file adds to a schedule that people are on (rules 2.6, 14.11)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from declarations.models import ContractPrice
from declarations.services import make_payable, mark_paid
from npq_portal.back_office.integrity import findings
from schedules.models import Milestone
from tests.declarations.conftest import AT, BY
from tests.declarations.test_who_is_paid import withdraw
from tests.schedules.test_editing import sound, started_of

HEADER = "cohort,schedule,declaration_type,start_date,cut_off_date,payment_date\n"


@pytest.fixture
def load(enrolment, tmp_path):
    def load_row(declaration_type, start, cut_off=""):
        file = tmp_path / "milestones.csv"
        schedule = enrolment.schedule.identifier
        file.write_text(f"{HEADER}2021,{schedule},{declaration_type},{start},{cut_off},\n")
        call_command("load_reference_data", str(file))

    return load_row


def test_who_left_before_a_cut_off_that_is_added_is_not_paid_for(enrolment, declare, opened, load):
    sound(enrolment)
    opened(enrolment.lead_provider)
    started_of(enrolment).delete()
    declaration = declare(enrolment, declaration_type="retained-1")
    withdraw(enrolment, datetime(2021, 12, 26, 12, tzinfo=UTC))
    declaration.refresh_from_db()
    assert declaration.state == "eligible"
    load("started", "2021-11-01", "2021-12-27")
    declaration.refresh_from_db()
    assert (declaration.state, declaration.statement) == ("ineligible", None)
    assert declaration.events.latest("id").command == "load_reference_data"
    assert list(findings()) == []


def test_a_type_is_not_added_once_a_share_of_a_price_was_paid(enrolment, declare, opened, load):
    sound(enrolment)
    (statement,) = opened(enrolment.lead_provider)
    ContractPrice.objects.create(
        lead_provider=enrolment.lead_provider,
        cohort=enrolment.cohort,
        course=enrolment.course,
        price_per_participant=Decimal("900.00"),
    )
    declare(enrolment)
    make_payable(as_of=date(2022, 2, 26), by=BY, at=AT)
    mark_paid(statement_id=statement.pk, by=BY, at=AT)
    before = Milestone.objects.count()
    with pytest.raises(CommandError, match="row 2, declaration_type: "):
        load("retained-2", "2021-11-01")
    assert Milestone.objects.count() == before
