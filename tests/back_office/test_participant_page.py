"""The page with everything about a participant (rules 13.7)."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from declarations.models import Declaration
from participants.services.corrections import merge_participants
from tests.back_office.life import BORN, Life
from tests.factories.participants import (
    ApplicationFactory,
    ParticipantFactory,
    ParticipantIdChangeFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def life():
    life = Life()
    life.live()
    return life


def page_of(client, participant, **query):
    path = reverse("admin:participants_participant_change", args=[participant.pk])
    answer = client.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def as_text(html):
    html = re.sub(r"(?s)<(head|script|nav).*?</\1>", "", html)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_it_shows_the_person_and_every_record(admin_client, life):
    text = as_text(page_of(admin_client, life.participant))
    for shown in (
        "Siân Ó Dálaigh",
        "TRN 1234567 validated",
        "E-mail sian@example.org",
        f"Participant id {life.participant.pk}",
        "NPQH with North Teaching School Accepted Withdrawn",
        "NPQH with South Teaching School Rejected",
        "Course NPQ for Headship Cohort 2021 Schedule npq-leadership-autumn Funding eligible",
        "Registered 15 Sep 2021 Accepted 5 Nov 2021 Withdrawn 1 Jun 2022 other",
        "Type Date State Statement Outcome",
        "started 2 Nov 2021 Paid January 2022",
        "completed 2 Nov 2021 Voided Voided 2 Nov 2021",
        "No declarations.",
        "20 Oct 2021 09:00 BST First recorded as Sian O Dalaigh",
        "1 Feb 2022 11:00 GMT Asked to change the schedule, and was refused (422). A",
        "Void it first. Sent: course identifier npq-headship, schedule identifier npq-leadership-s",
        "North Teaching School (API token “CRM”) Request",
    ):
        assert shown in text


def test_its_tables_and_its_list_are_what_they_are(admin_client, life):
    html = page_of(admin_client, life.participant)
    assert html.count("<h1") == 1
    assert "<caption>Declarations</caption>" in html
    assert '<th scope="col">State</th>' in html
    assert '<th scope="row">' in html
    assert '<ol class="entries">' in html
    assert html.count('<li class="refusal">') == 2
    assert "style=" not in html[html.index("content-main") :]
    for declaration in Declaration.objects.all():
        assert f'id="declaration-{declaration.pk}"' in html


def test_other_records_of_the_same_person_are_led_to(admin_client, life):
    other = ParticipantFactory.create(
        full_name="S. Daly",
        teacher_reference_number="1234567",
        teacher_reference_number_validated=True,
    )
    html = page_of(admin_client, life.participant)
    assert reverse("admin:participants_participant_change", args=[other.pk]) in html
    assert "Same TRN S. Daly" in as_text(html)


def test_a_merged_record_leads_to_the_one_that_stays(admin_client, life):
    survivor = ParticipantFactory.create(full_name="Siân Daly")
    merge_participants(
        from_participant_id=life.participant.pk,
        into_participant_id=survivor.pk,
        reason="One person.",
        by=life.staff(),
        at=BORN + timedelta(days=365),
    )
    html = page_of(admin_client, life.participant)
    assert "This record was merged into Siân Daly , which has the applications." in as_text(html)
    assert reverse("admin:participants_participant_change", args=[survivor.pk]) in html
    assert "This record was merged" not in page_of(admin_client, survivor).split("Timeline")[0]


def test_a_record_that_was_merged_away_is_no_other_one_of_the_person(admin_client, life):
    merged = ParticipantFactory.create(
        full_name="S. Daly",
        teacher_reference_number="1234567",
        teacher_reference_number_validated=True,
    )
    ParticipantIdChangeFactory.create(from_participant=merged, survivor=life.participant)
    assert "Same TRN" not in as_text(page_of(admin_client, life.participant))
    assert "Same TRN Siân Ó Dálaigh" in as_text(page_of(admin_client, merged))


def test_who_may_see_participants_alone_sees_no_more(client, member, life):
    staff = member()
    staff.user_permissions.add(Permission.objects.get(codename="view_participant"))
    client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    text = as_text(page_of(client, life.participant))
    assert "First recorded as" in text
    for hidden in ("NPQH", "Declared", "Request", "refused"):
        assert hidden not in text


def test_what_happened_before_is_a_link_away(admin_client, life, monkeypatch):
    monkeypatch.setattr("npq_portal.back_office.admin.participants.LATEST", 5)
    html = page_of(admin_client, life.participant)
    assert "First recorded as" not in html
    (before,) = re.findall(r"before=([^#\"]+)", html)
    earlier = page_of(admin_client, life.participant, before=unquote(before))
    assert "Show the latest" in earlier
    assert "Withdrew" not in earlier.split("Timeline")[-1]


@pytest.mark.parametrize("before", ["x", "2022-01-01", "0001-01-01T00:00+14:00", "\0"])
def test_a_wrong_instant_shows_the_latest(admin_client, life, before):
    assert "Withdrew" in page_of(admin_client, life.participant, before=before)


def test_an_unknown_participant_is_told_of(admin_client):
    for unknown in ("00000000-0000-4000-8000-000000000000", "x"):
        path = reverse("admin:participants_participant_change", args=[unknown])
        assert admin_client.get(path).status_code == 302


def test_it_takes_as_many_queries_for_many_records_as_for_one(admin_client, life):
    page_of(admin_client, life.participant)
    with CaptureQueriesContext(connection) as few:
        page_of(admin_client, life.participant)
    for _ in range(20):
        ApplicationFactory.create(participant=life.participant)
    with CaptureQueriesContext(connection) as many:
        page_of(admin_client, life.participant)
    assert len(few) == len(many) <= 25
