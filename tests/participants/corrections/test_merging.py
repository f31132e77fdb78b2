"""Merging duplicate records, and what old ids lead to (rules 5.6 and 14.2)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from npq_portal.back_office.models import ProviderRequest
from npq_portal.errors import NotFound
from participants.models import Application, Participant, ParticipantIdChange, ParticipantListing
from participants.services.corrections import (
    correct_details,
    merge_participants,
    revert_application,
    transfer_application,
)
from tests.factories.participants import ApplicationFactory, ParticipantFactory
from tests.factories.providers import LONG_AGO
from tests.participants.corrections.conftest import NOW, TRN, WHY, declare, void

SHOWN_AT = f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
SINCE = f"?filter[updated_since]={SHOWN_AT}"


@pytest.fixture
def merge(correct):
    def call(duplicate, survivor, **changes):
        return correct(
            merge_participants,
            from_participant_id=duplicate.pk,
            into_participant_id=survivor.pk,
            **changes,
        )

    return call


@pytest.fixture
def duplicate(enrolment):
    return enrolment.participant


@pytest.fixture
def survivor(db):
    return ParticipantFactory.create()


def changes_of(*pairs):
    return [
        {
            "from_participant_id": str(before.pk),
            "to_participant_id": str(after.pk),
            "changed_at": SHOWN_AT,
        }
        for before, after in pairs
    ]


def test_all_applications_follow_and_the_old_record_stays_as_a_shell(
    merge, enrolment, duplicate, survivor, member_of_staff
):
    pending = ApplicationFactory.create(participant=duplicate)
    change = merge(duplicate, survivor)
    assert {it.participant for it in Application.objects.all()} == {survivor}
    assert Participant.objects.filter(pk=duplicate.pk).exists()
    assert (change.reason, change.at, change.staff) == (WHY, NOW, member_of_staff)
    for application in (enrolment, pending):
        event = application.events.order_by("id").last()
        assert (event.kind, event.reason, event.staff) == ("merged", WHY, member_of_staff)
        assert event.before == {"participant_id": str(duplicate.pk)}
        assert event.after == {"participant_id": str(survivor.pk)}
    survivor.refresh_from_db()
    assert survivor.updated_at == NOW


def test_the_provider_finds_the_survivor_wherever_updated_since_looks(
    merge, listed, api, enrolment, duplicate, survivor
):
    provider = enrolment.lead_provider
    declaration = declare(enrolment)
    merge(duplicate, survivor)
    assert listed(provider, f"/participants/npq{SINCE}") == [str(survivor.pk)]
    for path, record in (
        ("/npq-applications", enrolment),
        ("/participant-declarations", declaration),
    ):
        (answer,) = api(provider, "GET", path + SINCE).json()["data"]
        assert answer["id"] == str(record.pk)
        assert answer["attributes"]["participant_id"] == str(survivor.pk)


def test_outcomes_stay_in_the_lists_of_both_providers_and_are_the_survivors(
    merge, correct, listed, api, enrolment, duplicate, survivor, other_provider
):
    former = enrolment.lead_provider
    declaration = declare(enrolment, "completed")
    correct(transfer_application, application_id=enrolment.pk, lead_provider_id=other_provider.pk)
    merge(duplicate, survivor)
    outcome = declaration.outcomes.get()
    for provider in (former, other_provider):
        (answer,) = api(provider, "GET", "/participants/npq/outcomes").json()["data"]
        assert answer["id"] == str(outcome.pk)
        assert answer["attributes"]["participant_id"] == str(survivor.pk)
    of_survivor = f"/participants/npq/{survivor.pk}/outcomes"
    assert listed(other_provider, of_survivor) == [str(outcome.pk)]


def test_who_had_the_survivor_already_is_told_of_the_old_id(
    merge, api, enrol, duplicate, survivor, senior
):
    own = enrol(participant=survivor, course=senior)
    merge(duplicate, survivor)
    (answer,) = api(own.lead_provider, "GET", f"/participants/npq{SINCE}").json()["data"]
    assert answer["attributes"]["participant_id_changes"] == changes_of((duplicate, survivor))
    assert answer["attributes"]["npq_courses"] == ["npq-senior-leadership"]


def test_chains_lead_to_who_is_left_and_are_told_oldest_first(
    merge, api, listed, enrolment, duplicate, survivor
):
    last = ParticipantFactory.create()
    provider = enrolment.lead_provider
    merge(duplicate, survivor)
    merge(survivor, last)
    path = f"/participants/npq/{last.pk}"
    answer = api(provider, "GET", path).json()["data"]["attributes"]
    assert answer["participant_id_changes"] == changes_of((duplicate, survivor), (survivor, last))
    for old in (duplicate, survivor):
        gone = api(provider, "GET", f"/participants/npq/{old.pk}")
        assert (gone.status_code, str(last.pk) in gone.json()["error"]) == (410, True)
    declare(Application.objects.get())
    ids = f"?filter[participant_id]={duplicate.pk}"
    assert len(listed(provider, f"/participant-declarations{ids}")) == 1


def test_without_mergers_there_are_no_changes(api, enrolment):
    path = f"/participants/npq/{enrolment.participant_id}"
    answer = api(enrolment.lead_provider, "GET", path).json()["data"]["attributes"]
    assert answer["participant_id_changes"] == []


def test_the_list_takes_one_query_more_for_any_number_of_mergers(merge, listed, enrol):
    enrolments = [enrol() for _ in range(4)]
    provider = enrolments[0].lead_provider
    Application.objects.update(lead_provider=provider)
    ParticipantListing.objects.all().delete()
    ParticipantListing.objects.bulk_create(
        ParticipantListing(
            lead_provider=provider,
            participant=it.participant,
            participant_created_at=LONG_AGO,
            updated_at=LONG_AGO,
            is_current=True,
        )
        for it in enrolments
    )
    counts = []
    for mergers in (0, 1, 4):
        for it in enrolments[:mergers]:
            merge(ParticipantFactory.create(), it.participant)
            merge(ParticipantFactory.create(), it.participant)
        with CaptureQueriesContext(connection) as queries:
            assert len(listed(provider, "/participants/npq")) == 4
        counts.append(len(queries))
    assert counts == [counts[0], counts[0] + 1, counts[0] + 1]


ACTIONS = [
    ("GET", ""),
    ("PUT", "/withdraw"),
    ("PUT", "/defer"),
    ("PUT", "/resume"),
    ("PUT", "/change-schedule"),
    ("GET", "/outcomes"),
    ("POST", "/outcomes"),
]


@pytest.mark.parametrize(("method", "action"), ACTIONS)
def test_an_old_id_in_a_path_is_410_for_who_sees_the_survivor_and_unknown_to_others(
    merge, api, enrolment, duplicate, survivor, other_provider, method, action
):
    merge(duplicate, survivor)
    path = f"/participants/npq/{duplicate.pk}{action}"
    gone = api(enrolment.lead_provider, method, path)
    assert gone.status_code == 410
    assert gone.json() == {
        "error": f"The record was merged into {survivor.pk}; use that id from now on."
    }
    unknown = api(other_provider, method, f"/participants/npq/{uuid4()}{action}")
    hidden = api(other_provider, method, path)
    assert (hidden.status_code, hidden.content) == (404, unknown.content)
    assert hidden.status_code == unknown.status_code


def test_an_old_id_in_a_body_is_422_for_who_sees_the_survivor_and_unknown_to_others(
    merge, api, enrolment, duplicate, survivor, other_provider
):
    declare(enrolment)
    merge(duplicate, survivor)
    body = {
        "participant_id": str(duplicate.pk),
        "declaration_type": "started",
        "declaration_date": "2021-12-01T10:00:00Z",  # as was declared: no copy of that
        "course_identifier": "npq-headship",
    }
    path = "/participant-declarations"
    (error,) = api(enrolment.lead_provider, "POST", path, body).json()["errors"]
    assert (error["title"], error["code"]) == ("participant_id", "merged-away")
    assert str(survivor.pk) in error["detail"]
    (hidden,) = api(other_provider, "POST", path, body).json()["errors"]
    unknown = api(other_provider, "POST", path, {**body, "participant_id": str(uuid4())})
    assert unknown.json()["errors"] == [hidden]
    body["participant_id"] = str(survivor.pk)
    assert api(enrolment.lead_provider, "POST", path, body).status_code == 200  # the copy


def test_a_wrong_parameter_is_told_before_an_old_id(merge, api, enrolment, duplicate, survivor):
    merge(duplicate, survivor)
    path = f"/participants/npq/{duplicate.pk}/outcomes?page[page]=0"
    assert api(enrolment.lead_provider, "GET", path).status_code == 400


def test_a_shared_course_forbids_a_merger_and_is_named(
    refused, sentence, merge, correct, enrol, enrolment, duplicate, survivor
):
    held = enrol(participant=survivor)
    declaration = declare(held)
    ids = {"from_participant_id": duplicate.pk, "into_participant_id": survivor.pk}
    assert refused(merge_participants, reason="", **ids) == {
        "base": "course-held-twice",
        "reason": "missing",
    }
    told = sentence(merge_participants, **ids)
    assert str(held.pk) in told
    assert str(enrolment.pk) in told
    provider = held.lead_provider
    assert f"({held.pk}) has started (eligible, {provider}, {declaration.pk})." in told
    void(declaration)
    correct(revert_application, application_id=held.pk)
    assert merge(duplicate, survivor)


def test_a_withdrawn_acceptance_counts_too(refused, enrol, duplicate, survivor):
    enrol(
        participant=survivor,
        training_status="withdrawn",
        withdrawn_at=NOW,
        withdrawal_reason="other",
    )
    ids = {"from_participant_id": duplicate.pk, "into_participant_id": survivor.pk}
    assert refused(merge_participants, **ids) == {"base": "course-held-twice"}


def test_the_survivors_other_records_count_too(refused, enrol, duplicate):
    survivor = ParticipantFactory.create(**TRN)
    enrol(participant=ParticipantFactory.create(**TRN))
    ids = {"from_participant_id": duplicate.pk, "into_participant_id": survivor.pk}
    assert refused(merge_participants, **ids) == {"base": "course-held-twice"}


def test_a_record_is_merged_once_and_not_into_itself_or_a_shell(
    refused, merge, correct, duplicate, survivor
):
    other = ParticipantFactory.create()
    merge(duplicate, survivor)

    def codes(before, after):
        return refused(
            merge_participants, from_participant_id=before.pk, into_participant_id=after.pk
        )

    assert codes(duplicate, other) == {"from_participant_id": "merged-away"}
    assert codes(survivor, duplicate) == {"into_participant_id": "merged-away"}
    assert codes(other, duplicate) == {"into_participant_id": "merged-away"}
    assert codes(other, other) == {"into_participant_id": "same-record"}
    for unknown in ({"from_participant_id": uuid4()}, {"into_participant_id": uuid4()}):
        ids = {"from_participant_id": other.pk, "into_participant_id": survivor.pk, **unknown}
        with pytest.raises(NotFound):
            correct(merge_participants, **ids)


def test_a_shell_is_not_corrected(refused, merge, duplicate, survivor):
    merge(duplicate, survivor)
    details = {"full_name": "Ada King", "email": "ada@example.org", **TRN}
    assert refused(correct_details, participant_id=duplicate.pk, **details) == {
        "base": "merged-away"
    }


@pytest.mark.parametrize("shell", [True, False])
def test_the_database_refuses_a_second_merger_and_one_into_itself(
    merge, member_of_staff, duplicate, survivor, shell
):
    merge(duplicate, survivor)
    record = duplicate if shell else survivor
    with pytest.raises(IntegrityError), transaction.atomic():
        ParticipantIdChange.objects.create(
            from_participant=record,
            to_participant=survivor,
            survivor=survivor,
            at=NOW,
            staff=member_of_staff,
        )


def test_times_never_go_back(merge, enrol, duplicate, survivor, senior):
    enrol(participant=survivor, course=senior)
    merge(ParticipantFactory.create(), survivor)
    merge(duplicate, survivor, at=NOW - timedelta(days=1))
    survivor.refresh_from_db()
    assert survivor.updated_at == NOW


def test_the_journal_links_who_is_left_to_a_request_that_names_the_old_id(
    merge, api, enrolment, duplicate, survivor
):
    merge(duplicate, survivor)
    body = {"participant_id": str(duplicate.pk)}
    api(enrolment.lead_provider, "PUT", f"/participants/npq/{duplicate.pk}/resume")
    api(enrolment.lead_provider, "POST", "/participant-declarations", body)
    assert [it.participant_id for it in ProviderRequest.objects.all()] == [survivor.pk] * 2
