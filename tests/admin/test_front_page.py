"""What the front page says needs attention, to whom, and what its chart counts (rules 13.8)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from declarations.models import Declaration, PaymentPeriod, Statement
from npq_portal.back_office.models import IntegrityCheck
from npq_portal.back_office.services import keep_integrity_check
from outcomes.choices import NotificationState
from outcomes.models import Notification, Outcome
from tests.factories.participants import (
    ApplicationFactory,
    ParticipantFactory,
    ParticipantIdChangeFactory,
)
from tests.factories.providers import LeadProviderFactory
from tests.factories.schedules import CohortFactory
from tests.outcomes.rows import AT, BY, completed

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 7, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def section(admin_client):
    """Return a function that answers the section of a title."""

    def find(title):
        sections = admin_client.get("/admin/").context["sections"]
        return next(it for it in sections if it.title == title)

    return find


@pytest.fixture
def chart(admin_client):
    """Return a function that answers the chart's counts by state and month, none left out."""

    def counts():
        drawn = admin_client.get("/admin/").context["chart"]
        return {
            (row.state, f"{month:%Y-%m}"): count
            for row in drawn.states
            for month, count in zip(drawn.months, row.counts, strict=True)
            if count
        }

    return counts


def days_ago(number):
    return NOW - timedelta(days=number)


def open_statement(deadline, *, providers=1, state="open"):
    period = PaymentPeriod.objects.create(
        cohort=CohortFactory.create(),
        name=f"Until {deadline}",
        deadline_date=deadline,
        payment_date=deadline,
    )
    for provider in LeadProviderFactory.create_batch(providers):
        Statement.objects.create(
            lead_provider=provider, period=period, state=state, created_at=AT, updated_at=AT
        )


def give_up(number):
    outcome = Outcome.objects.create(
        declaration=completed(number),
        state="voided",
        completion_date=date(2024, 6, 1),
        at=AT,
        created_at=AT,
        **BY.columns(),
    )
    return Notification.objects.create(
        outcome=outcome, state=NotificationState.GIVEN_UP, created_at=AT
    )


def recorded(number, instant, *, state="submitted"):
    declaration = completed(number, state=state)
    Declaration.objects.filter(pk=declaration.pk).update(created_at=instant)


def test_the_applications_that_are_pending_longest_come_first(section, admin_client):
    for age in range(1, 8):
        name = f"Pending for {age}"
        ApplicationFactory(participant__full_name=name, created_at=days_ago(age))
    ApplicationFactory(status="rejected", created_at=days_ago(9))
    pending = section("Applications pending longest")
    assert pending.count_in_words == "7"
    assert [row.text for row in pending.rows] == [f"Pending for {age}" for age in (7, 6, 5, 4, 3)]
    assert pending.rows[0].note.startswith("7 days: ")
    assert "Pending for 7" in admin_client.get(pending.rows[0].url).content.decode()
    assert admin_client.get(pending.url).context["cl"].result_count == 7


def test_what_waits_is_counted_to_a_hundred(section):
    ApplicationFactory.create_batch(101)
    assert section("Applications pending longest").count_in_words == "100+"


def test_participants_with_the_same_validated_trn_are_found_together(section, admin_client):
    for validated in (True, True, False):
        for trn in ("1111111", "2222222" if validated else "3333333"):
            ParticipantFactory(
                teacher_reference_number=trn, teacher_reference_number_validated=validated
            )
    shared = section("Duplicates by TRN")
    assert [(row.text, row.note) for row in shared.rows] == [
        ("TRN 1111111", "2 participants"),
        ("TRN 2222222", "2 participants"),
    ]
    assert admin_client.get(shared.rows[1].url).context["cl"].result_count == 2


def test_records_that_were_merged_are_no_duplicates_any_more(section, admin_client):
    for trn, records in (("1111111", 2), ("2222222", 3)):
        kept, merged, *_another = ParticipantFactory.create_batch(
            records, teacher_reference_number=trn, teacher_reference_number_validated=True
        )
        ParticipantIdChangeFactory(from_participant=merged, survivor=kept)
    shared = section("Duplicates by TRN")
    assert [(row.text, row.note) for row in shared.rows] == [("TRN 2222222", "2 participants")]


def test_declarations_that_are_not_paid_as_duplicates_are_named(section, admin_client):
    first, second, voided = (completed(number, state="ineligible") for number in (1, 2, 3))
    for duplicate, state in ((second, "ineligible"), (voided, "voided")):
        Declaration.objects.filter(pk=duplicate.pk).update(duplicate_of=first, state=state)
    duplicates = section("Declarations not paid as duplicates")
    assert [row.text for row in duplicates.rows] == ["Person 2"]
    assert duplicates.rows[0].note == "completed by Provider 2, 1 Jun 2024"
    assert admin_client.get(duplicates.url).context["cl"].result_count == 1


def test_notifications_that_were_given_up_are_named_with_what_came_of_the_last_try(section):
    give_up(1).attempts.create(
        copy=1, channel="notify", started_at=AT, ended_at=AT, result="refused", note="No address."
    )
    failed = section("Failed notifications")
    assert [(row.text, row.note) for row in failed.rows] == [("Person 1", "No address.")]


@pytest.mark.parametrize(
    ("now", "days", "note"),
    [
        ("2026-07-10T22:59Z", 14, "24 Jul 2026, in 14 days: 1 open"),
        ("2026-07-10T22:59Z", 15, None),
        # In London the next day has begun.
        ("2026-07-10T23:00Z", 15, "25 Jul 2026, in 14 days: 1 open"),
        ("2026-07-10T12:00Z", 0, "10 Jul 2026, today: 1 open"),
        ("2026-07-10T12:00Z", -1, "passed on 9 Jul 2026: 1 open"),
    ],
)
def test_statements_are_shown_from_two_weeks_before_their_deadline(now, days, note, section):
    open_statement(date(2026, 7, 10) + timedelta(days=days))
    with time_machine.travel(now, tick=False):
        notes = [row.note for row in section("Statements near their deadline").rows]
    assert notes == ([note] if note else [])


def test_open_statements_of_one_period_are_one_line(section, admin_client):
    open_statement(date(2026, 7, 12), providers=3)
    open_statement(date(2026, 7, 11), state="payable")
    near = section("Statements near their deadline")
    assert near.count_in_words == "3"
    assert [row.text for row in near.rows] == ["Until 2026-07-12 (cohort 2021)"]
    assert admin_client.get(near.rows[0].url).context["cl"].result_count == 3


def test_the_last_integrity_check_tells_what_it_found(section, admin_client):
    assert section("Integrity of the data").nothing == "It has never been checked."
    for day, found in ((2, ["An old finding."]), (1, [f"Finding {n}." for n in range(7)])):
        keep_integrity_check(
            findings=len(found),
            first_findings=found,
            started_at=days_ago(day),
            ended_at=days_ago(day),
        )
    last = section("Integrity of the data")
    assert last.count_in_words == "7"
    assert [row.text for row in last.rows] == [f"Finding {n}." for n in range(5)]
    assert "Finding 6." in admin_client.get(last.url).content.decode()


def test_a_check_that_found_nothing_says_when(section):
    keep_integrity_check(
        findings=0, first_findings=[], started_at=days_ago(1), ended_at=days_ago(1)
    )
    integrity = section("Integrity of the data")
    assert (integrity.count, integrity.rows) == (0, [])
    assert integrity.nothing == "Nothing was wrong on 9 Jul 2026."


def test_each_section_is_for_those_who_may_view_what_is_in_it(client):
    member = User.objects.create_user("member", is_staff=True)
    client.force_login(member)
    titles = {
        "view_application": ["Applications pending longest"],
        "view_participant": ["Duplicates by TRN"],
        "view_declaration": ["Declarations not paid as duplicates"],
        "view_notification": ["Failed notifications"],
        "view_statement": ["Statements near their deadline"],
        "view_integritycheck": ["Integrity of the data"],
        "view_course": [],
    }
    for codename, expected in titles.items():
        member.user_permissions.set(Permission.objects.filter(codename=codename))
        answer = client.get("/admin/")
        assert [it.title for it in answer.context["sections"]] == expected
        text = answer.content.decode()
        assert ("Find a participant" in text) is (codename == "view_participant")
        assert ("Declarations by state and month" in text) is (codename == "view_declaration")


def test_the_chart_counts_by_the_london_month_of_recording(chart):
    recorded(1, datetime(2026, 6, 30, 22, 59, 59, tzinfo=UTC))
    recorded(2, datetime(2026, 6, 30, 23, 0, tzinfo=UTC))
    recorded(3, NOW, state="paid")
    recorded(4, datetime(2025, 7, 31, 22, 59, 59, tzinfo=UTC))
    recorded(5, datetime(2025, 7, 31, 23, 0, tzinfo=UTC), state="paid")
    assert chart() == {
        ("submitted", "2026-06"): 1,
        ("submitted", "2026-07"): 1,
        ("paid", "2026-07"): 1,
        ("paid", "2025-08"): 1,
    }


def test_the_figures_of_the_chart_are_a_table_too(admin_client):
    for number in (1, 2, 3):
        recorded(number, NOW, state="paid" if number == 3 else "submitted")
    drawn = admin_client.get("/admin/").context["chart"]
    month, counts, total = drawn.table[-1]
    assert (month, total, drawn.total) == (date(2026, 7, 1), 3, 3)
    assert counts == [2, 0, 0, 1, 0, 0, 0, 0]
    bars = [bar.height for row in drawn.states for bar in row.bars]
    assert bars == [40, 20]


def test_one_declaration_is_seen_beside_very_many(admin_client, monkeypatch):
    recorded(1, NOW, state="paid")
    drawn = admin_client.get("/admin/").context["chart"]
    [row] = [row for row in drawn.states if row.total]
    crowded = type(row)(state=row.state, counts=[1, 100_000], highest=100_000)
    assert [bar.height for bar in crowded.bars] == [1.5, 40]


def test_its_queries_do_not_grow_with_what_waits(admin_client):
    counts = []
    for numbers in ((1,), range(2, 6)):
        for number in numbers:
            ApplicationFactory()
            give_up(number)
            open_statement(date(2026, 7, number))
            ParticipantFactory.create_batch(
                2, teacher_reference_number=f"{number:07}", teacher_reference_number_validated=True
            )
        first = Declaration.objects.earliest("id")
        Declaration.objects.exclude(pk=first.pk).update(duplicate_of=first, state="ineligible")
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get("/admin/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] < 25


def test_only_the_latest_hundred_checks_are_kept():
    for day in range(101):
        keep_integrity_check(
            findings=day,
            first_findings=[f"{n}" for n in range(200)],
            started_at=NOW + timedelta(days=day),
            ended_at=NOW + timedelta(days=day),
        )
    kept = IntegrityCheck.objects.all()
    assert [it.findings for it in kept] == list(range(100, 0, -1))
    assert len(kept[0].first_findings) == 100


def test_browsers_find_an_icon_where_they_look_for_one(client):
    answer = client.get("/favicon.ico")
    answer.close()
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/x-icon")
