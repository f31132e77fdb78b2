"""Correcting who somebody is (rules 14.2)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from declarations.models import Declaration
from npq_portal.errors import NotFound
from npq_portal.history import Actor
from participants.models import ParticipantListing
from participants.services.corrections import correct_details, revert_application
from tests.factories.participants import ApplicationFactory, ParticipantFactory
from tests.factories.providers import LONG_AGO
from tests.participants.corrections.conftest import NOW, TRN, WHY, declare, void

GIVEN: dict[str, Any] = {"full_name": "Ada King", "email": "ada@example.org", **TRN}


def details(participant, **changes):
    names = ("full_name", "email", *TRN)
    values = {name: getattr(participant, name) for name in names}
    return {"participant_id": participant.pk, **values, **changes}


def test_all_details_are_set_and_what_they_were_is_kept_with_who_and_why(
    correct, enrolment, member_of_staff
):
    before = enrolment.participant
    reason = WHY * 20  # longer than a line
    after = correct(correct_details, participant_id=before.pk, reason=reason, **GIVEN)
    after.refresh_from_db()
    assert {name: getattr(after, name) for name in GIVEN} == GIVEN
    assert after.folded_email == "ada@example.org"
    newest = after.history.latest("history_id")  # the first one is of the real present
    assert newest.history_change_reason == reason
    assert (newest.history_user, newest.history_date) == (member_of_staff, NOW)
    assert after.history.earliest("history_id").full_name == before.full_name


def test_it_shows_wherever_updated_since_looks_and_never_goes_back(
    correct, enrolment, other_provider
):
    elsewhere = ApplicationFactory.create(
        participant=enrolment.participant, lead_provider=other_provider
    )
    correct(correct_details, participant_id=enrolment.participant_id, **GIVEN)
    later = {**GIVEN, "full_name": "Ada Byron"}
    earlier = NOW - timedelta(days=1)
    correct(correct_details, participant_id=enrolment.participant_id, at=earlier, **later)
    for row in (enrolment, elsewhere, enrolment.participant):
        row.refresh_from_db()
        assert row.updated_at == NOW
    assert ParticipantListing.objects.get().updated_at == NOW


def test_everything_wrong_with_the_form_is_said_at_once(refused, enrolment):
    found = refused(
        correct_details,
        reason=" ",
        participant_id=enrolment.participant_id,
        full_name=" ",
        email="ada",
        teacher_reference_number="123",
        teacher_reference_number_validated=True,
    )
    assert found == {
        "reason": "missing",
        "full_name": "invalid",
        "email": "invalid",
        "teacher_reference_number": "invalid",
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"base": "nothing-changes"}),
        ({"full_name": "a\nb"}, {"full_name": "invalid"}),
        ({"full_name": "a" * 501}, {"full_name": "invalid"}),
        ({"email": "a" * 320 + "@example.org"}, {"email": "invalid"}),
        ({"teacher_reference_number": "١٢٣٤٥٦٧"}, {"teacher_reference_number": "invalid"}),
        (
            {"teacher_reference_number": None, "teacher_reference_number_validated": True},
            {"teacher_reference_number_validated": "invalid"},
        ),
    ],
)
def test_what_is_refused(refused, enrolment, changes, expected):
    assert refused(correct_details, **details(enrolment.participant, **changes)) == expected


def test_what_an_import_brought_does_not_keep_other_details_from_being_corrected(
    correct, enrolment
):
    participant = enrolment.participant
    participant.full_name, participant.email = "Zoë\u00a0King", "jörg@school"
    participant.save()
    after = correct(correct_details, **details(participant, **TRN))
    assert (after.full_name, after.email) == ("Zoë\u00a0King", "jörg@school")
    assert after.teacher_reference_number == TRN["teacher_reference_number"]


def test_a_reason_of_more_than_2000_characters_is_refused(refused, enrolment):
    changes = details(enrolment.participant, full_name="Ada King")
    assert refused(correct_details, reason="a" * 2001, **changes) == {"reason": "invalid"}


def test_an_unknown_participant_is_not_found(correct, enrolment):
    with pytest.raises(NotFound):
        correct(correct_details, participant_id=uuid4(), **GIVEN)


def test_nobody_but_staff_corrects_anything(enrolment):
    with pytest.raises(ValueError, match="Only staff"):
        correct_details(
            participant_id=enrolment.participant_id,
            reason=WHY,
            by=Actor(command="test"),
            at=NOW,
            **GIVEN,
        )


def test_a_trn_is_not_validated_while_both_records_hold_the_course(
    refused, sentence, correct, enrol, enrolment
):
    twin = enrol(participant=ParticipantFactory.create(**TRN))
    declaration = declare(twin)
    validated = details(enrolment.participant, **TRN)
    assert refused(correct_details, **validated) == {"base": "course-held-twice"}
    told = sentence(correct_details, **validated)
    for held in (twin, enrolment):
        assert f"npq-headship with {held.lead_provider} ({held.pk})" in told
    assert f"started (eligible, {twin.lead_provider}, {declaration.pk})" in told
    void(declaration)
    correct(revert_application, application_id=twin.pk)
    correct(correct_details, **validated)
    enrolment.participant.refresh_from_db()
    assert enrolment.participant.validated_trn == TRN["teacher_reference_number"]


def test_a_trn_that_is_not_validated_may_be_anybodys(correct, enrol, enrolment):
    enrol(participant=ParticipantFactory.create(**TRN))
    number = {"teacher_reference_number": TRN["teacher_reference_number"]}
    assert correct(correct_details, **details(enrolment.participant, **number))


def test_records_that_are_one_person_already_keep_their_other_details_correctable(
    correct, enrolment, same_person
):
    left = {"training_status": "withdrawn", "withdrawn_at": NOW, "withdrawal_reason": "other"}
    twin = same_person(enrolment, **left)  # as an import may leave them
    assert correct(correct_details, **details(twin.participant, full_name="Ada King"))
    alone = {"teacher_reference_number_validated": False}
    assert correct(correct_details, **details(twin.participant, **alone))


def test_once_validated_the_other_records_declarations_count_for_the_person(
    correct, enrol, enrolment, senior
):
    twin = enrol(participant=ParticipantFactory.create(**TRN), course=senior)
    correct(correct_details, **details(enrolment.participant, **TRN))
    declare(twin)
    assert Declaration.objects.get().state == "eligible"


def test_the_provider_sees_the_new_details(correct, api, enrolment):
    correct(correct_details, participant_id=enrolment.participant_id, **GIVEN)
    since = f"?filter[updated_since]={NOW.replace(microsecond=0):%Y-%m-%dT%H:%M:%SZ}"
    (answer,) = api(enrolment.lead_provider, "GET", f"/participants/npq{since}").json()["data"]
    assert answer["attributes"]["full_name"] == "Ada King"
    assert answer["attributes"]["teacher_reference_number"] == "1234567"
    (answer,) = api(enrolment.lead_provider, "GET", f"/npq-applications{since}").json()["data"]
    assert answer["attributes"]["email"] == "ada@example.org"
    assert enrolment.participant.updated_at == LONG_AGO
