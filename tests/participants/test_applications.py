from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from npq_portal.errors import NotFound, Refusals, Refused
from participants.models import Application, ParticipantListing
from participants.services import accept_application, reject_application, withdraw_participant
from schedules.models import Cohort, Schedule

AT = datetime(2021, 11, 5, 12, tzinfo=UTC)


def codes(refusal):
    return {it.attribute: it.code.value for it in refusal.value.refusals}


@pytest.fixture
def accept(operator):
    def call(application, at=AT):
        return accept_application(
            lead_provider=application.lead_provider,
            application_id=application.pk,
            by=operator,
            at=at,
        )

    return call


@pytest.mark.parametrize(
    ("at", "schedule"),
    [
        (datetime(2021, 12, 25, 23, 59, 59, tzinfo=UTC), "npq-leadership-autumn"),
        (datetime(2021, 12, 26, 0, 0, 0, tzinfo=UTC), "npq-leadership-spring"),
    ],
)
def test_an_accepted_application_gets_the_schedule_of_the_day_and_is_active(
    apply, accept, at, schedule
):
    accept(apply(), at)
    application = Application.objects.get()
    assert application.status == "accepted"
    assert application.training_status == "active"
    assert application.schedule.identifier == schedule
    assert application.accepted_at == application.updated_at == at
    event = application.events.get()
    assert (event.kind, event.command, event.before["status"], event.after["status"]) == (
        "accepted",
        "test",
        "pending",
        "accepted",
    )


def test_accepting_rejects_the_persons_other_pending_applications_and_says_why(
    apply, accept, other_provider
):
    application = apply()
    sibling = apply(application.participant, other_provider)
    stranger = apply()
    accept(application)
    sibling.refresh_from_db()
    stranger.refresh_from_db()
    assert (sibling.status, stranger.status) == ("rejected", "pending")
    assert sibling.events.get().because_of == application


@pytest.mark.parametrize("decide", [accept_application, reject_application])
def test_only_a_pending_application_is_decided(apply, accept, operator, decide):
    application = apply()
    accept(application)
    with pytest.raises(Refused) as refusal:
        decide(
            lead_provider=application.lead_provider,
            application_id=application.pk,
            by=operator,
            at=AT,
        )
    assert codes(refusal) == {"base": "not-pending"}


def test_another_providers_application_is_as_unknown_as_one_that_does_not_exist(
    apply, operator, other_provider
):
    for decide in (accept_application, reject_application):
        with pytest.raises(NotFound):
            decide(lead_provider=other_provider, application_id=apply().pk, by=operator, at=AT)


def test_two_records_with_one_validated_trn_are_one_person(apply, accept, other_provider):
    accept(apply(trn="1234567"))
    with pytest.raises(Refused) as refusal:
        accept(apply(lead_provider=other_provider, trn="1234567"))
    assert codes(refusal) == {"base": "already-accepted-elsewhere"}


def test_after_a_withdrawal_another_provider_can_accept_the_person(
    apply, accept, operator, other_provider
):
    application = accept(apply())
    withdraw_participant(
        lead_provider=application.lead_provider,
        participant_id=application.participant_id,
        course_identifier="npq-headship",
        reason="other",
        refusals=Refusals(),
        by=operator,
        at=AT + timedelta(days=1),
    )
    assert accept(apply(application.participant, other_provider)).status == "accepted"


def test_a_day_that_no_schedule_takes_is_refused(apply, accept, course):
    course.group.schedules.all().delete()
    with pytest.raises(Refused) as refusal:
        accept(apply())
    assert codes(refusal) == {"base": "no-single-schedule"}


def test_the_database_itself_holds_one_accepted_application_for_a_course(
    apply, accept, other_provider
):
    application = accept(apply())
    second = apply(application.participant, other_provider)
    fields = ("status", "schedule", "accepted_at", "training_status")
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=second.pk).update(
            **{name: getattr(application, name) for name in fields}
        )


def test_acceptance_lists_the_person_with_that_provider_alone(apply, accept, provider):
    application = accept(apply())
    listing = ParticipantListing.objects.get()
    assert (listing.lead_provider, listing.participant) == (provider, application.participant)
    assert listing.updated_at == AT


def test_an_application_for_another_cohort_stays_pending(apply, accept, other_provider):
    application = apply()
    sibling = apply(application.participant, other_provider)
    sibling.cohort = Cohort.objects.create(start_year=2022)
    sibling.save()
    accept(application)
    sibling.refresh_from_db()
    assert sibling.status == "pending"


@pytest.mark.parametrize(
    ("at", "schedule"),
    [
        (datetime(2022, 6, 30, 22, 59, 59, tzinfo=UTC), "npq-leadership-autumn"),
        (datetime(2022, 6, 30, 23, 30, tzinfo=UTC), "npq-leadership-spring"),
    ],
)
def test_an_acceptance_counts_for_its_london_day(apply, accept, at, schedule):
    application = apply()
    autumn, spring = Schedule.objects.order_by("identifier")
    Schedule.objects.filter(pk=autumn.pk).update(accepted_until=date(2022, 6, 30))
    Schedule.objects.filter(pk=spring.pk).update(accepted_from=date(2022, 7, 1))
    assert accept(application, at).schedule.identifier == schedule
