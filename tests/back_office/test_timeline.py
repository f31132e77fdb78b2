"""Everything that ever happened to a participant, oldest to newest (rules 13.7)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from npq_portal.back_office.timeline import SOURCES, Entry, timeline_of
from outcomes.models import Notification, NotificationAttempt, NotificationResend
from participants.models import ApplicationEvent
from participants.services.corrections import merge_participants, transfer_application
from tests.back_office.life import BORN, Life
from tests.factories.back_office import ProviderRequestFactory
from tests.factories.participants import EnrolmentFactory, ParticipantFactory
from tests.factories.providers import LONG_AGO, ApiTokenFactory, LeadProviderFactory

pytestmark = pytest.mark.django_db

EVERYTHING = set(SOURCES)

WHOLE_LIFE = """
2021-10-20 08:00 First recorded as Sian O Dalaigh, sian@example.org, TRN 1234567 (validated).
2021-10-20 08:00 Applied for NPQH with North Teaching School, cohort 2021 (registered 15 September 2021).
2021-10-20 08:00 Applied for NPQH with South Teaching School, cohort 2021 (registered 15 September 2021).
2021-11-05 09:30 NPQH was accepted, on schedule npq-leadership-autumn (2021).
2021-11-05 09:30 NPQH with South Teaching School was rejected.
2021-11-10 10:00 Declared started of NPQH for 2 November 2021: eligible on the statement of January 2022.
2021-11-10 10:05 Asked to record a declaration, and nothing had to change (200).
2021-12-26 06:00 The started declaration of NPQH went from eligible to payable on the statement of January 2022.
2022-01-25 10:00 The started declaration of NPQH went from payable to paid on the statement of January 2022.
2022-02-01 11:00 Asked to change the schedule, and was refused (422).
2022-03-01 12:00 Deferred NPQH.
2022-04-01 11:00 Resumed NPQH.
2022-04-02 08:00 The name was changed from Sian O Dalaigh to Siân Ó Dálaigh.
2022-05-01 09:00 Declared completed of NPQH for 2 November 2021: eligible on the statement of July 2022.
2022-05-01 09:00 Passed NPQH, completed on 2 November 2021.
2022-05-02 09:00 The completed declaration of NPQH went from eligible to voided.
2022-05-02 09:00 The outcome of NPQH was voided.
2022-05-02 09:00 A message was owed: the pass of NPQH was taken back.
2022-06-01 09:00 Withdrew from NPQH.
2022-06-02 09:00 Asked to resume the participant, and was refused (422).
"""  # noqa: E501


def told(entries):
    return "".join(f"{it.at:%Y-%m-%d %H:%M} {it.what}\n" for it in entries)


def entries_of(participant, permissions=EVERYTHING, **window):
    return timeline_of(participant, permissions=permissions, size=200, **window).entries


@pytest.fixture
def life():
    return Life()


def test_a_whole_life_is_told_in_order(life):
    life.live()
    entries = entries_of(life.participant)
    assert told(entries) == WHOLE_LIFE.lstrip()
    assert timeline_of(life.participant, permissions=EVERYTHING, size=200).earlier is None


def test_who_and_why_and_what_was_sent_are_told(life):
    life.live()
    told = {it.what: it for it in entries_of(life.participant)}
    refused = told["Asked to change the schedule, and was refused (422)."]
    assert refused.is_refusal
    assert refused.why == (
        "A declaration is dated before npq-leadership-spring starts. Void it first."
    )
    assert refused.sent == (
        "course identifier npq-headship, schedule identifier npq-leadership-spring"
    )
    assert refused.who == "North Teaching School (API token “CRM”)"
    assert told["Deferred NPQH."].why == "Parental leave."
    corrected = told["The name was changed from Sian O Dalaigh to Siân Ó Dálaigh."]
    assert corrected.who == "Casey Worker"
    paid = next(it for it in told.values() if "to paid" in it.what)
    assert (paid.who, paid.why) == ("Command mark_paid", "The statement was paid.")
    rejected = told["NPQH with South Teaching School was rejected."]
    assert rejected.why == "The application for NPQH with North Teaching School was accepted."


def test_a_change_and_the_request_for_it_are_one_entry_with_both_links(life):
    life.accept("2021-11-05T09:30Z")
    accepted, rejected = entries_of(life.participant)[-2:]
    assert [it.text for it in accepted.links] == ["Application", "Request"]
    assert [it.text for it in rejected.links] == [
        "Application",
        "The accepted application",
        "Request",
    ]
    assert accepted.links[-1] == rejected.links[-1]


def test_a_change_by_another_token_or_much_later_is_not_joined():
    enrolment = EnrolmentFactory.create()
    token, other = ApiTokenFactory.create(), ApiTokenFactory.create()
    ProviderRequestFactory.create(
        participant=enrolment.participant, token=token, status=200, at=LONG_AGO
    )
    for by, later in ((other, 1), (token, 31)):
        ApplicationEvent.objects.create(
            application=enrolment, kind="deferred", token=by, at=LONG_AGO + timedelta(seconds=later)
        )
    asked, *changed = entries_of(enrolment.participant)[:3]
    assert asked.is_request
    assert [[link.text for link in it.links] for it in changed] == [["Application"]] * 2


@pytest.mark.parametrize(
    ("body", "answer"),
    [("", ""), ("{", "[]"), ("[1]", '{"errors": [1]}'), ('{"data": []}', '{"error": null}')],
)
def test_a_request_that_cannot_be_read_is_told_all_the_same(body, answer):
    participant = ParticipantFactory.create()
    ProviderRequestFactory.create(
        participant=participant, method="PATCH", path="/api/v1/x", body=body, answer=answer
    )
    refused = next(it for it in entries_of(participant) if it.is_request)
    assert refused.what == "Asked to PATCH /api/v1/x, and was refused (422)."
    assert refused.sent == ""


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("participants/npq/1/withdraw?note=/npq-applications/1/reject", "withdraw the participant"),
        ("participants/npq/1/withdraw/", "withdraw the participant"),
        ("participant-declarations?a=/participant-declarations/1/void", "record a declaration"),
        ("participant-declarations/?", "record a declaration"),
        ("participant-declarations/1/void?a", "void a declaration"),
        ("x/npq-applications/1/accept", "PUT /api/v1/x/npq-applications/1/accept"),
        ("npq-applications/1/accept/x", "PUT /api/v1/npq-applications/1/accept/x"),
        ("x?/participants/npq/1/defer", "PUT /api/v1/x?/participants/npq/1/defer"),
    ],
)
def test_what_was_asked_for_is_what_the_path_says_whatever_the_query_does(path, asked):
    participant = ParticipantFactory.create()
    ProviderRequestFactory.create(participant=participant, method="PUT", path=f"/api/v1/{path}")
    told = next(it for it in entries_of(participant) if it.is_request)
    assert told.what == f"Asked to {asked}, and was refused (422)."


def test_an_event_of_a_new_kind_is_told_by_what_it_changed():
    enrolment = EnrolmentFactory.create(course__short_name="NPQH")
    ApplicationEvent.objects.create(
        application=enrolment,
        kind="unheard-of",
        before={"eligible_for_funding": False, "funding_choice": "school", "cohort": "2021"},
        after={"eligible_for_funding": True, "funding_choice": None, "cohort": "2021"},
        at=LONG_AGO,
        command="test",
        reason="The school is eligible.",
    )
    entry = next(it for it in entries_of(enrolment.participant) if it.who == "Command test")
    assert entry.what == (
        "NPQH: unheard-of: eligible for funding from no to yes, funding choice from school to none."
    )
    assert entry.why == "The school is eligible."


def test_what_happened_is_told_of_the_provider_of_that_time(life):
    life.accept("2021-11-05T09:30Z")
    transfer_application(
        application_id=life.application.pk,
        lead_provider_id=LeadProviderFactory.create(name="East Teaching School").pk,
        reason="The school changed its provider.",
        by=life.staff(),
        at=BORN + timedelta(days=90),
    )
    entries = entries_of(life.participant)
    assert entries[-1].what == "NPQH moved from North Teaching School to East Teaching School."
    assert entries[-1].why == "The school changed its provider."
    assert "Applied for NPQH with North Teaching School" in told(entries)
    assert "Applied for NPQH with East Teaching School" not in told(entries)


def test_a_merged_record_is_told_of_on_both_and_its_requests_on_the_one_that_stays(life):
    life.accept("2021-11-05T09:30Z")
    life.accept("2021-11-06T09:30Z", 422)
    survivor = ParticipantFactory.create()
    merge_participants(
        from_participant_id=life.participant.pk,
        into_participant_id=survivor.pk,
        reason="One person.",
        by=life.staff(),
        at=BORN + timedelta(days=90),
    )
    into = f"This record was merged into {survivor.pk}, which has it all."
    assert entries_of(life.participant)[-1].what == into
    entries = entries_of(survivor)
    assert f"The record {life.participant.pk} was merged into this one." in told(entries)
    assert "Asked to accept the application, and was refused (422)." in told(entries)
    assert "NPQH was accepted, on schedule" in told(entries)


def test_what_came_of_a_message_is_told(life):
    life.live()
    notification = Notification.objects.get()
    sent_at = notification.created_at + timedelta(minutes=1)
    NotificationAttempt.objects.create(
        notification=notification,
        copy=1,
        channel="notify",
        started_at=sent_at,
        ended_at=sent_at,
        result="refused",
        note="Notify does not take the address.",
    )
    NotificationResend.objects.create(
        notification=notification,
        from_state="given-up",
        at=sent_at + timedelta(days=1),
        command="test",
        reason="The address was corrected.",
    )
    tried, again = [it for it in entries_of(life.participant) if "message" in it.what][1:]
    assert tried.what == "A message was tried on GOV.UK Notify: refused."
    assert tried.why == "Notify does not take the address."
    assert again.what == "A message that was given up was to go again."
    assert again.why == "The address was corrected."


def test_only_what_may_be_seen_is_told(life):
    life.live()
    whole = entries_of(life.participant)
    for permission in EVERYTHING - {
        "outcomes.view_notificationattempt",
        "outcomes.view_notificationresend",
        "participants.view_participantidchange",
    }:
        assert entries_of(life.participant, EVERYTHING - {permission}) != whole
    assert entries_of(life.participant, ()) == []
    assert not any(
        it.is_request or "Request" in [link.text for link in it.links]
        for it in entries_of(life.participant, EVERYTHING - {"back_office.view_providerrequest"})
    )


def test_the_latest_are_shown_and_the_earlier_asked_for(life):
    life.live()
    whole = entries_of(life.participant, EVERYTHING - {"back_office.view_providerrequest"})
    permissions = EVERYTHING - {"back_office.view_providerrequest"}
    parts: list[list[Entry]] = []
    before = None
    while True:
        timeline = timeline_of(life.participant, permissions=permissions, before=before, size=4)
        parts.insert(0, timeline.entries)
        before = timeline.earlier
        if before is None:
            break
    assert [entry for part in parts for entry in part] == whole
    assert all(len(part) in {4, 5, 6} for part in parts[1:])


def test_every_version_of_the_details_is_told_once_whatever_the_window(life):
    for number in range(5):
        life.correct(f"2021-11-0{number + 1}T00:00Z", email=f"{number}@example.org")
    details = {"participants.view_participant"}
    latest = timeline_of(life.participant, permissions=details, size=3)
    assert [it.what[-14:] for it in latest.entries] == [f"{n}@example.org." for n in (2, 3, 4)]
    earlier = timeline_of(life.participant, permissions=details, size=3, before=latest.earlier)
    assert earlier.entries[0].at == BORN
    assert [it.what[-14:] for it in earlier.entries[1:]] == [f"{n}@example.org." for n in (0, 1)]
    assert earlier.earlier is None


def test_it_takes_as_many_queries_for_many_entries_as_for_one(life):
    with CaptureQueriesContext(connection) as few:
        entries_of(life.participant)
    life.live()
    for number in range(300):
        ApplicationEvent.objects.create(
            application=life.application,
            kind="resumed",
            at=BORN + timedelta(hours=number),
            command="test",
        )
    with CaptureQueriesContext(connection) as many:
        timeline = timeline_of(life.participant, permissions=EVERYTHING, size=200)
    assert timeline.earlier is not None
    assert len(many) == len(few) == len(SOURCES) + 1  # the former ids
