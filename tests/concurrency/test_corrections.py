"""Staff correct while providers and other staff are at work: as if one came after the other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from declarations.models import Declaration
from npq_portal.back_office.integrity import findings
from npq_portal.errors import Refused
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from outcomes.models import OutcomeListing
from outcomes.services import record_outcome_for_provider
from participants.models import Application, Participant
from participants.services.corrections import (
    correct_details,
    merge_participants,
    reinstate_enrolment,
    transfer_application,
)
from tests.concurrency.test_reference import declare, in_turn
from tests.concurrency.test_rivals import started, statuses
from tests.factories.participants import ApplicationFactory, ParticipantFactory
from tests.factories.providers import LONG_AGO, LeadProviderFactory
from tests.factories.schedules import ScheduleFactory

ROUNDS = 5
Request = tuple[str, str, str, dict[str, str]]
TRN = {"teacher_reference_number": "1234567", "teacher_reference_number_validated": True}


class Correction:
    """A correction by a member of staff, in a thread of its own; notes why it was refused."""

    def __init__(self, staff, correction, arguments):
        self.staff, self.correction, self.arguments = staff, correction, arguments
        self.refused = None

    def __call__(self):
        by = Actor(staff_id=self.staff.pk)
        try:
            self.correction(reason="Because.", by=by, at=timezone.now(), **self.arguments)
        except Refused as refused:
            self.refused = refused
        finally:
            connection.close()


@pytest.fixture
def correcting(transactional_db):
    """Return a function that makes a correction to run."""
    staff = User.objects.create_user(username="casey", is_staff=True)
    return lambda correction, **arguments: Correction(staff, correction, arguments)


def validating(participant, **changes):
    return {
        "participant_id": participant.pk,
        "full_name": participant.full_name,
        "email": participant.email,
        **TRN,
        **changes,
    }


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_a_reinstatement_and_an_acceptance_elsewhere_one_wins(
    at_once, token_of, enrol, correcting, _round
):
    ScheduleFactory()
    left = enrol(training_status="withdrawn", withdrawn_at=LONG_AGO, withdrawal_reason="other")
    other: Application = ApplicationFactory.create(participant=left.participant)
    accept: Request = (
        token_of(other.lead_provider),
        "POST",
        f"/npq-applications/{other.pk}/accept",
        {},
    )
    reinstate = correcting(reinstate_enrolment, application_id=left.pk)
    (answer,) = at_once(accept, run=reinstate)
    assert (answer.status_code, bool(reinstate.refused)) in {(200, True), (422, False)}
    assert Application.objects.holding_the_course().count() == 1
    assert list(findings()) == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_a_trn_that_is_validated_and_an_acceptance_of_the_other_record_one_wins(
    at_once, token_of, enrol, correcting, _round
):
    ScheduleFactory()
    held = enrol()
    other: Application = ApplicationFactory.create(participant=ParticipantFactory.create(**TRN))
    accept: Request = (
        token_of(other.lead_provider),
        "POST",
        f"/npq-applications/{other.pk}/accept",
        {},
    )
    validate = correcting(correct_details, **validating(held.participant))
    (answer,) = at_once(accept, run=validate)
    assert (answer.status_code, bool(validate.refused)) in {(200, True), (422, False)}
    assert list(findings()) == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_records_that_are_to_get_a_new_trn_at_once_one_does(
    at_once, enrol, correcting, _round
):
    people = [enrol(lead_provider=LeadProviderFactory()).participant for _ in range(2)]
    first, second = (correcting(correct_details, **validating(it)) for it in people)
    at_once(run=lambda: beside(first, second))
    assert [bool(first.refused), bool(second.refused)].count(True) == 1
    assert Participant.objects.filter(teacher_reference_number_validated=True).count() == 1


def beside(*functions):
    with ThreadPoolExecutor(len(functions)) as threads:
        for it in [threads.submit(function) for function in functions]:
            it.result()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_declaration_beside_a_merger_is_the_survivors_or_refused_with_the_new_id(
    at_once, token_of, enrol, correcting, _round
):
    enrolment = enrol()
    duplicate = enrolment.participant
    survivor: Participant = ParticipantFactory.create()
    token = token_of(enrolment.lead_provider)
    path = f"/participants/npq/{duplicate.pk}/withdraw"
    withdraw = (token, "PUT", path, {"course_identifier": "npq-headship", "reason": "other"})
    declare = (token, "POST", "/participant-declarations", started(enrolment))
    merge = correcting(
        merge_participants, from_participant_id=duplicate.pk, into_participant_id=survivor.pk
    )
    declared, withdrawn = at_once(declare, withdraw, run=merge)
    assert merge.refused is None
    assert declared.status_code in {200, 422}
    if declared.status_code == 422:
        errors = {it["title"]: it["code"] for it in declared.json()["errors"]}
        assert errors == {"participant_id": "merged-away"}
    assert withdrawn.status_code in {200, 410}
    assert {it.participant for it in Application.objects.all()} == {survivor}
    assert Declaration.objects.count() == (declared.status_code == 200)
    assert list(findings()) == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_a_trn_validation_and_declarations_of_both_records_none_counts_twice(
    at_once, token_of, enrol, correcting, _round
):
    one = enrol(participant=ParticipantFactory.create(**TRN))
    other = enrol()
    requests = [
        (token_of(it.lead_provider), "POST", "/participant-declarations", started(it))
        for it in (one, other)
    ]
    validate = correcting(correct_details, **validating(other.participant))
    answers = at_once(*requests, run=validate)
    assert statuses(answers) == [200, 200]
    assert validate.refused is not None
    assert list(findings()) == []


def test_who_waited_for_a_person_knows_of_a_record_that_became_the_persons_meanwhile(enrol):
    one = enrol(participant=ParticipantFactory.create(**TRN))
    original = declare(one, "started")
    other = enrol(lead_provider=LeadProviderFactory())

    def become_the_same_person():
        # No correction does it while both hold the course; that rule is not what is tried here.
        other.participant.teacher_reference_number = TRN["teacher_reference_number"]
        other.participant.teacher_reference_number_validated = True
        other.participant.save()

    declared = in_turn(become_the_same_person, lambda: declare(other, "started"))
    assert (declared.state, declared.duplicate_of) == ("ineligible", original)


@pytest.mark.parametrize("is_moved_first", [True, False])
def test_an_outcome_that_is_recorded_while_its_application_moves_is_listed_with_both_providers(
    enrol, is_moved_first
):
    enrolment = enrol()
    declaration = declare(enrolment, "completed", has_passed=True)
    new: LeadProvider = LeadProviderFactory.create()
    staff = Actor(staff_id=User.objects.create_user(username="casey", is_staff=True).pk)
    because: dict[str, Any] = {"reason": "Because.", "by": staff, "at": timezone.now()}

    def move():
        transfer_application(application_id=enrolment.pk, lead_provider_id=new.pk, **because)

    def record():
        record_outcome_for_provider(
            declaration_id=declaration.pk,
            state="failed",
            completion_date=date(2021, 12, 1),
            **because,
        )

    in_turn(*((move, record) if is_moved_first else (record, move)))
    providers = OutcomeListing.objects.values_list("lead_provider", flat=True)
    assert sorted(providers) == sorted([enrolment.lead_provider_id, new.pk] * 2)
    assert list(findings()) == []
