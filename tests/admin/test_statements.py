"""Statements in the back office: what they say, authorising them, lines for assurance."""

import csv
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from declarations.models import ContractPrice
from declarations.services import make_payable, void_declaration
from npq_portal.history import Actor
from participants.models import Application
from participants.services.corrections import change_course
from tests.declarations.conftest import AT, BY
from tests.declarations.conftest import declare as declare
from tests.declarations.conftest import enrolment as enrolment
from tests.declarations.conftest import opened as opened
from tests.factories.schedules import CourseFactory, MilestoneFactory

AFTER_DEADLINE = date(2022, 2, 26)


@pytest.fixture
def finance(client, django_user_model):
    member = django_user_model.objects.create_user("Fin", is_staff=True)
    may = Permission.objects.filter(
        codename__in=["view_statement", "view_declaration", "authorise_statement"]
    )
    member.user_permissions.set(may)
    client.force_login(member)
    return member


@pytest.fixture
def statement(enrolment, declare, opened):
    ContractPrice.objects.create(
        lead_provider=enrolment.lead_provider,
        cohort=enrolment.cohort,
        course=enrolment.course,
        price_per_participant=Decimal("1500.00"),
    )
    (march,) = opened()
    declare(enrolment)
    return march


@pytest.fixture
def payable(statement):
    make_payable(as_of=AFTER_DEADLINE, by=BY, at=AT)
    return statement


def url(page, row):
    return reverse(f"admin:declarations_statement_{page}", args=[row.pk])


def confirm(client, statement, **changes):
    """Authorise what the page of ``statement`` shows."""
    shown = client.get(url("authorise", statement)).context["form"].initial
    return client.post(url("authorise", statement), {**shown, **changes}, follow=True)


def test_each_figure_leads_to_the_declarations_behind_it(client, finance, statement):
    page = client.get(url("change", statement)).content.decode()
    assert "£500.00" in page
    listed = client.get(
        reverse("admin:declarations_declaration_changelist"),
        {
            "statement__id__exact": str(statement.pk),
            "application__course__id__exact": statement.declarations.get().application.course_id,
            "declaration_type__exact": "started",
        },
    )
    assert list(listed.context["cl"].queryset) == [statement.declarations.get()]


def test_finance_authorises_what_it_saw_and_is_named(client, finance, payable):
    assert "Authorise for payment" in client.get(url("change", payable)).content.decode()
    shown = client.get(url("authorise", payable)).context["form"].initial
    answer = confirm(client, payable)
    assert "is marked as paid" in answer.content.decode()
    payable.refresh_from_db()
    assert payable.state == "paid"
    assert payable.events.last().staff == finance
    paid = payable.declarations.get()
    assert (paid.state, paid.amount) == ("paid", Decimal("500.00"))
    assert paid.events.last().staff == finance
    answer = client.post(url("authorise", payable), shown, follow=True)
    assert "was paid already" in answer.content.decode()
    asked = client.get(url("authorise", payable))
    assert "it was authorised already" in asked.content.decode()
    assert "can’t be undone" not in asked.content.decode()
    assert "Authorise £" not in asked.content.decode()


def test_what_changed_meanwhile_is_not_authorised(client, finance, payable):
    shown = client.get(url("authorise", payable)).context["form"].initial
    declaration = payable.declarations.get()
    void_declaration(
        lead_provider=declaration.lead_provider, declaration_id=declaration.pk, by=BY, at=AT
    )
    answer = client.post(url("authorise", payable), shown)
    assert "has changed since you looked" in answer.content.decode()
    payable.refresh_from_db()
    assert payable.state == "payable"
    assert answer.context["form"].initial["declarations"] == 0


def test_an_open_statement_is_not_authorised(client, finance, statement):
    assert "Authorise for payment" not in client.get(url("change", statement)).content.decode()
    asked = client.get(url("authorise", statement)).content.decode()
    assert "it still takes on declarations" in asked
    assert "Authorise £" not in asked
    seen = {"declarations": 1, "clawbacks": 0, "total": "500.00"}
    answer = client.post(url("authorise", statement), seen).content.decode()
    assert "only a payable one" in answer
    assert "Authorise £" not in answer


def test_a_post_without_figures_pays_nothing(client, finance, payable):
    assert client.post(url("authorise", payable), {}).status_code == 200
    payable.refresh_from_db()
    assert payable.state == "payable"


def test_who_may_not_authorise_sees_no_way_and_finds_none(client, finance, payable):
    finance.user_permissions.remove(Permission.objects.get(codename="authorise_statement"))
    assert "Authorise for payment" not in client.get(url("change", payable)).content.decode()
    assert client.get(url("authorise", payable)).status_code == 403
    assert client.post(url("authorise", payable), {}).status_code == 403


def test_assurance_has_a_line_for_each_declaration_and_refund(client, finance, payable, opened):
    confirm(client, payable)
    paid = payable.declarations.get()
    (july,) = opened(period="July 2022", deadline=date(2022, 6, 25))
    void_declaration(lead_provider=paid.lead_provider, declaration_id=paid.pk, by=BY, at=AT)
    for statement, line, amount in ((payable, "payment", "500.00"), (july, "refund", "-500.00")):
        answer = client.get(url("assurance", statement))
        assert answer["Content-Disposition"].startswith("attachment")
        header, row = b"".join(answer.streaming_content).decode().splitlines()
        cells = dict(zip(header.split(","), row.split(","), strict=True))
        assert cells == {
            "line": line,
            "declaration_id": str(paid.pk),
            "participant_id": str(paid.application.participant_id),
            "full_name": "Ada Lovelace",
            "teacher_reference_number": "",
            "application_id": str(paid.application_id),
            "course_identifier": "npq-headship",
            "schedule_identifier": "npq-leadership-autumn",
            "declaration_type": "started",
            "declaration_date": "2021-12-01T10:00:00Z",
            "declared_at": "2022-01-10T12:00:00Z",
            "state": "awaiting-clawback",
            "amount": amount,
        }


def test_what_was_paid_stays_as_it_was_paid_when_the_course_is_corrected(
    client, finance, payable, opened
):
    confirm(client, payable)
    paid = payable.declarations.get()
    (july,) = opened(period="July 2022", deadline=date(2022, 6, 25))
    void_declaration(lead_provider=paid.lead_provider, declaration_id=paid.pk, by=BY, at=AT)
    before = [said(client, it) for it in (payable, july)]
    assert all(before)
    correct_course_and_schedule(paid.application, finance)
    assert [said(client, it) for it in (payable, july)] == before
    page = client.get(url("change", payable)).content.decode()
    (listed,) = {it for it in re.findall(r'href="([^"]*)"', page) if "declaration_type" in it}
    assert list(client.get(listed.replace("&amp;", "&")).context["cl"].queryset) == [paid]


def said(client, statement):
    """Return what the page of a statement and its lines for assurance say of course and money."""
    lines = client.get(url("change", statement)).context["figures"].lines
    answer = client.get(url("assurance", statement))
    rows = csv.DictReader(b"".join(answer.streaming_content).decode().splitlines())
    return (
        [(it.course.identifier, it.amount, it.refunded) for it in lines],
        [(it["course_identifier"], it["schedule_identifier"], it["amount"]) for it in rows],
    )


def correct_course_and_schedule(application, staff):
    why: dict[str, Any] = {"reason": "Because.", "by": Actor(staff_id=staff.pk), "at": AT}
    CourseFactory(identifier="npq-senior-leadership")
    change_course(application_id=application.pk, course="npq-senior-leadership", **why)
    spring = MilestoneFactory(schedule__identifier="npq-leadership-spring").schedule
    Application.objects.filter(pk=application.pk).update(schedule=spring)


def test_a_period_shows_what_each_provider_is_paid(admin_client, statement):
    page = admin_client.get(
        reverse("admin:declarations_paymentperiod_change", args=[statement.period_id])
    ).content.decode()
    assert str(statement.lead_provider) in page
    assert "£500.00" in page


@pytest.mark.parametrize("key", ["abc", "%C2%B2", "%00", "0", "9" * 20])
def test_an_unknown_period_leads_to_the_front_page(admin_client, key):
    answer = admin_client.get(f"/admin/declarations/paymentperiod/{key}/change/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_what_a_period_comes_to_is_for_who_may_see_it(client, finance, statement):
    path = reverse("admin:declarations_paymentperiod_change", args=[statement.period_id])
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 403
    assert not any("declarations_declaration" in it["sql"] for it in queries)


def test_an_unknown_statement_has_no_pages(client, finance):
    for page in ("authorise", "assurance"):
        path = f"/admin/declarations/statement/00000000-0000-4000-8000-000000000000/{page}"
        path += "/" if page == "authorise" else ""
        path = path.replace("assurance", "declarations.csv")
        assert client.get(path).status_code == 404
