"""Correcting how an enrolment's training stands (rules 14.7 and 14.8)."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from npq_portal.errors import NotFound
from participants.models import Application, ParticipantListing
from participants.services.corrections import (
    defer_enrolment,
    move_enrolment,
    reinstate_enrolment,
    resume_enrolment,
    withdraw_enrolment,
)
from tests.factories.participants import ApplicationFactory
from tests.factories.providers import LONG_AGO
from tests.factories.schedules import CohortFactory, MilestoneFactory, ScheduleFactory
from tests.participants.corrections.conftest import DATED, NOW, WHY, declare, open_for, void

TODAY = NOW.date()
ACCEPTED_ON = LONG_AGO.date()
LEFT = {"withdrawn_on": date(2021, 12, 5), "withdrawal_reason": "other"}
LEFT_AT = datetime(2021, 12, 5, tzinfo=UTC)


@pytest.fixture
def spring(db):
    """Return another schedule of the group, which starts on New Year's Day."""
    schedule = ScheduleFactory(identifier="npq-leadership-spring")
    MilestoneFactory(schedule=schedule, start_date=date(2022, 1, 1))
    return schedule


@pytest.fixture
def withdraw(correct):
    def call(application, **changes):
        return correct(withdraw_enrolment, application_id=application.pk, **{**LEFT, **changes})

    return call


def newest(application):
    event = application.events.order_by("id").last()
    assert (event.reason, event.at, event.staff.username) == (WHY, NOW, "casey")
    return event.kind


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2021, 12, 5), LEFT_AT),
        (ACCEPTED_ON, LONG_AGO),
        (TODAY, NOW.replace(microsecond=0)),
        (date(2021, 10, 2), datetime(2021, 10, 1, 23, tzinfo=UTC)),  # summer in London
    ],
)
def test_a_withdrawal_is_dated_at_the_beginning_of_its_day(withdraw, enrolment, day, instant):
    withdraw(enrolment, withdrawn_on=day)
    enrolment.refresh_from_db()
    assert (enrolment.training_status, enrolment.withdrawn_at) == ("withdrawn", instant)
    assert enrolment.withdrawal_reason == "other"
    assert enrolment.updated_at == ParticipantListing.objects.get().updated_at == NOW
    assert newest(enrolment) == "withdrawn"


def test_one_accepted_within_a_second_can_be_withdrawn_on_that_day(withdraw, enrol):
    accepted_at = LONG_AGO.replace(microsecond=900_000)
    enrolment = enrol(accepted_at=accepted_at)
    assert withdraw(enrolment, withdrawn_on=ACCEPTED_ON).withdrawn_at == LONG_AGO


def test_a_withdrawal_before_the_cut_off_takes_the_payment_back_before_it_is_made(
    withdraw, enrolment
):
    open_for(enrolment.lead_provider)
    declaration = declare(enrolment)
    withdraw(enrolment)
    declaration.refresh_from_db()
    assert (declaration.state, declaration.statement) == ("ineligible", None)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (TODAY + timedelta(days=1), {"withdrawn_on": "date-in-future"}),
        (ACCEPTED_ON - timedelta(days=1), {"withdrawn_on": "date-before-acceptance"}),
        (date.min, {"withdrawn_on": "date-before-acceptance"}),
        (date.max, {"withdrawn_on": "date-in-future"}),
    ],
)
def test_a_day_outside_the_training_is_refused(refused, enrolment, day, expected):
    arguments = {**LEFT, "withdrawn_on": day}
    assert refused(withdraw_enrolment, application_id=enrolment.pk, **arguments) == expected


def test_declarations_at_the_withdrawal_or_after_forbid_it_and_are_named(
    refused, sentence, withdraw, enrolment
):
    day = {**LEFT, "application_id": enrolment.pk, "withdrawn_on": date(2021, 12, 1)}
    before = declare(enrolment, date=datetime(2021, 11, 30, 23, 59, 59, tzinfo=UTC))
    at_it = declare(enrolment, "retained-1", date=datetime(2021, 12, 1, tzinfo=UTC))
    after = declare(enrolment, "completed", date=DATED)
    assert refused(withdraw_enrolment, **day) == {"withdrawn_on": "declarations-conflict"}
    told = sentence(withdraw_enrolment, **day)
    assert [str(it.pk) in told for it in (before, at_it, after)] == [False, True, True]
    void(at_it)
    void(after)
    assert withdraw(enrolment, withdrawn_on=date(2021, 12, 1))


def test_a_declaration_of_this_very_second_forbids_a_withdrawal_today(refused, enrolment):
    declare(enrolment, date=NOW, at=NOW)
    arguments = {**LEFT, "withdrawn_on": TODAY}
    found = refused(withdraw_enrolment, application_id=enrolment.pk, **arguments)
    assert found == {"withdrawn_on": "declarations-conflict"}


def test_everything_that_forbids_a_withdrawal_is_said_at_once(refused, withdraw, enrolment):
    withdraw(enrolment)
    found = refused(
        withdraw_enrolment,
        application_id=enrolment.pk,
        withdrawn_on=TODAY + timedelta(days=1),
        withdrawal_reason="bored",
        reason="",
    )
    assert found == {
        "base": "already-withdrawn",
        "withdrawn_on": "date-in-future",
        "withdrawal_reason": "invalid",
        "reason": "missing",
    }


@pytest.mark.parametrize(
    ("correction", "arguments"),
    [
        (withdraw_enrolment, LEFT),
        (reinstate_enrolment, {}),
        (defer_enrolment, {"deferral_reason": "other"}),
        (resume_enrolment, {}),
    ],
)
def test_only_an_enrolment_has_training(correct, refused, db, correction, arguments):
    application = ApplicationFactory.create()
    found = refused(correction, application_id=application.pk, **arguments)
    assert found["base"] == "not-accepted"
    with pytest.raises(NotFound):
        correct(correction, application_id=uuid4(), **arguments)


def test_a_break_and_its_end(correct, refused, api, enrolment):
    one = {"application_id": enrolment.pk}
    assert refused(resume_enrolment, **one) == {"base": "not-deferred"}
    assert refused(defer_enrolment, deferral_reason="bored", **one) == {
        "deferral_reason": "invalid"
    }
    correct(defer_enrolment, deferral_reason="career-break", **one)
    assert newest(enrolment) == "deferred"
    path = f"/participants/npq/{enrolment.participant_id}"
    answer = api(enrolment.lead_provider, "GET", path).json()["data"]["attributes"]
    assert answer["npq_enrolments"][0]["deferral"] == {
        "reason": "career-break",
        "date": "2021-12-10T12:00:00Z",
    }
    assert refused(defer_enrolment, deferral_reason="other", **one) == {"base": "already-deferred"}
    correct(resume_enrolment, **one)
    assert newest(enrolment) == "resumed"
    enrolment.refresh_from_db()
    assert (enrolment.training_status, enrolment.deferred_at) == ("active", None)


# Reinstatement


def test_who_is_reinstated_is_active_and_paid_for_again(correct, refused, withdraw, enrolment):
    statement = open_for(enrolment.lead_provider)
    declaration = declare(enrolment)
    one = {"application_id": enrolment.pk}
    assert refused(reinstate_enrolment, **one) == {"base": "not-withdrawn"}
    withdraw(enrolment)
    correct(reinstate_enrolment, **one)
    enrolment.refresh_from_db()
    assert enrolment.training_status == "active"
    assert (enrolment.withdrawn_at, enrolment.withdrawal_reason) == (None, None)
    assert newest(enrolment) == "reinstated"
    declaration.refresh_from_db()
    assert (declaration.state, declaration.statement) == ("eligible", statement)


def test_nobody_is_reinstated_while_they_take_the_course_elsewhere(
    refused, withdraw, enrol, enrolment
):
    withdraw(enrolment)
    enrol(participant=enrolment.participant)
    assert refused(reinstate_enrolment, application_id=enrolment.pk) == {
        "base": "already-accepted-elsewhere"
    }


def test_another_record_of_the_person_keeps_from_reinstating_too(
    refused, withdraw, enrolment, same_person
):
    withdraw(enrolment)
    same_person(enrolment)
    assert refused(reinstate_enrolment, application_id=enrolment.pk) == {
        "base": "already-accepted-elsewhere"
    }


def test_a_declaration_is_not_to_count_again_beside_one_of_its_type(
    correct, refused, sentence, withdraw, enrol, enrolment
):
    declare(enrolment)
    withdraw(enrolment)
    elsewhere = enrol(participant=enrolment.participant)
    rival = declare(elsewhere)
    late = date(2021, 12, 26)
    withdraw(elsewhere, withdrawn_on=late, at=datetime(2021, 12, 27, tzinfo=UTC))
    one = {"application_id": enrolment.pk}
    assert refused(reinstate_enrolment, **one) == {"base": "slot-taken"}
    assert str(rival.pk) in sentence(reinstate_enrolment, **one)
    void(rival)
    assert correct(reinstate_enrolment, **one)


def test_a_duplicate_stays_one_and_does_not_keep_from_reinstating(
    correct, withdraw, enrolment, same_person
):
    twin = same_person(
        enrolment, training_status="withdrawn", withdrawn_at=NOW, withdrawal_reason="other"
    )
    declare(enrolment)
    duplicate = declare(twin)
    late = date(2021, 12, 26)
    withdraw(enrolment, withdrawn_on=late, at=datetime(2021, 12, 27, tzinfo=UTC))
    correct(reinstate_enrolment, application_id=twin.pk)
    duplicate.refresh_from_db()
    assert duplicate.state == "ineligible"


# Schedule


def test_another_schedule_and_its_cohort(correct, listed, enrolment):
    cohort = CohortFactory(start_year=2022)
    schedule = ScheduleFactory(identifier="npq-leadership-autumn", cohort=cohort)
    MilestoneFactory(schedule=schedule, start_date=date(2022, 11, 1))
    correct(move_enrolment, application_id=enrolment.pk, schedule=schedule)
    enrolment.refresh_from_db()
    assert (enrolment.schedule, enrolment.cohort) == (schedule, cohort)
    assert newest(enrolment) == "schedule-changed"
    path = "/participants/npq?filter[cohort]=2022"
    assert listed(enrolment.lead_provider, path) == [str(enrolment.participant_id)]


def test_what_forbids_a_schedule(refused, withdraw, enrolment, coaching, spring):
    one = {"application_id": enrolment.pk}
    assert refused(move_enrolment, schedule=enrolment.schedule, **one) == {
        "schedule_identifier": "already-on-schedule"
    }
    assert refused(move_enrolment, schedule=coaching.group.schedules.get(), **one) == {
        "schedule_identifier": "schedule-not-for-course"
    }
    declare(enrolment)
    assert refused(move_enrolment, schedule=spring, **one) == {
        "schedule_identifier": "declarations-conflict"
    }
    withdraw(enrolment)
    assert refused(move_enrolment, schedule=spring, reason="", **one) == {
        "base": "already-withdrawn",
        "reason": "missing",
    }


def test_a_move_is_shown_to_the_provider_at_once_and_its_time_never_goes_back(
    correct, enrolment, spring
):
    one = {"application_id": enrolment.pk}
    correct(move_enrolment, schedule=spring, **one)
    earlier = NOW - timedelta(days=1)
    correct(defer_enrolment, deferral_reason="other", at=earlier, **one)
    assert Application.objects.get().updated_at == NOW
    assert ParticipantListing.objects.get().updated_at == NOW
