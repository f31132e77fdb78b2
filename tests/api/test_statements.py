"""Statements as providers read them (rules 5.5, 10.8 and 10.9)."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command

from declarations.models import ContractPrice, Statement, StatementEvent
from npq_portal.back_office.integrity import findings
from tests.api.conftest import provider_with_token

MARCH = "March 2022"
PAID_ON = datetime(2022, 3, 25, 12, tzinfo=UTC)


@pytest.fixture
def march(provider):
    return Statement.objects.get(lead_provider=provider[0], period__name=MARCH)


@pytest.fixture
def price(provider, application):
    return ContractPrice.objects.create(
        lead_provider=provider[0],
        cohort=application.cohort,
        course=application.course,
        price_per_participant="100.02",
    )


@pytest.fixture
def accepted(call, application):
    call("POST", f"/npq-applications/{application.pk}/accept")


def attributes(call, statement):
    return call("GET", f"/statements/{statement.pk}").json()["data"]["attributes"]


def pay(statement):
    with time_machine.travel(PAID_ON, tick=False):
        call_command("make_payable")
        call_command("mark_paid", "--statement", str(statement.pk))


def test_a_statement_is_answered_exactly(call, accepted, declare, march, price):
    declare("started")
    declare("completed", has_passed=False)
    record = {
        "id": str(march.pk),
        "type": "statement",
        "attributes": {
            "month": 3,
            "year": 2022,
            "cohort": "2021",
            "period": "March 2022",
            "deadline_date": "2022-02-25",
            "payment_date": "2022-03-25",
            "state": "open",
            "declarations": 2,
            "clawbacks": 0,
            "total": "50.01",
            "updated_at": "2022-02-01T12:00:00Z",
        },
    }
    assert call("GET", f"/statements/{march.pk}").json() == {"data": record}
    listed = call("GET", "/statements").json()["data"]
    assert len(listed) == 9
    assert record in listed


def test_without_a_price_there_is_no_total(call, accepted, declare, march):
    declare("started")
    assert attributes(call, march)["total"] is None


def test_with_a_price_and_nothing_on_it_the_total_is_zero(call, march, price):
    assert attributes(call, march)["total"] == "0.00"


def test_a_declaration_tells_who_pays_for_it_and_who_takes_it_back(
    call, accepted, declare, march, price
):
    started = declare("started").json()["data"]
    assert started["attributes"]["statement_id"] == str(march.pk)
    pay(march)
    price.price_per_participant = 4000
    price.save()
    assert attributes(call, march) | {"updated_at": ""} == {
        "month": 3,
        "year": 2022,
        "cohort": "2021",
        "period": "March 2022",
        "deadline_date": "2022-02-25",
        "payment_date": "2022-03-25",
        "state": "paid",
        "declarations": 1,
        "clawbacks": 0,
        "total": "25.01",
        "updated_at": "",
    }

    with time_machine.travel(PAID_ON, tick=False):
        voided = call("PUT", f"/participant-declarations/{started['id']}/void").json()["data"]
    july = Statement.objects.get(lead_provider=march.lead_provider, period__name="July 2022")
    assert voided["attributes"]["state"] == "awaiting-clawback"
    assert voided["attributes"]["statement_id"] == str(march.pk)
    assert voided["attributes"]["clawback_statement_id"] == str(july.pk)
    says = attributes(call, july)
    assert (says["declarations"], says["clawbacks"], says["total"]) == (0, 1, "-25.01")
    assert attributes(call, march)["total"] == "25.01"
    assert list(findings()) == []


def test_a_provider_sees_its_own_statements_only(call, march):
    _, token = provider_with_token("South Teaching School")
    answer = call("GET", f"/statements/{march.pk}", token=token)
    assert answer.status_code == 404
    own = call("GET", "/statements", token=token).json()["data"]
    assert len(own) == 9
    assert str(march.pk) not in {it["id"] for it in own}


def test_statements_are_found_by_cohort_and_by_change(call, march):
    def ids(query):
        return {it["id"] for it in call("GET", f"/statements?{query}").json()["data"]}

    assert len(ids("filter[cohort]=2021")) == 9
    assert ids("filter[cohort]=2022") == set()
    assert ids("filter[updated_since]=2022-02-01T12:00:01Z") == set()
    pay(march)
    changed = Statement.objects.filter(
        lead_provider=march.lead_provider, period__name__in=["January 2022", MARCH]
    )
    assert ids("filter[updated_since]=2022-02-01T12:00:01Z") == {str(it.pk) for it in changed}


def test_a_declaration_that_a_statement_takes_on_is_told_as_updated(
    call, accepted, declare, provider
):
    StatementEvent.objects.all().delete()
    Statement.objects.all().delete()
    waiting = declare("started").json()["data"]
    assert waiting["attributes"]["statement_id"] is None
    with time_machine.travel("2022-02-02T12:00:00Z", tick=False):
        call_command(
            "open_statement",
            *("--cohort", "2021", "--period", "New", "--provider", provider[0].name),
            *("--deadline", "2022-02-25", "--payment", "2022-03-25"),
        )
    query = "filter[updated_since]=2022-02-02T12:00:00Z"
    (taken_on,) = call("GET", f"/participant-declarations?{query}").json()["data"]
    assert taken_on["attributes"]["statement_id"] == str(Statement.objects.get().pk)
