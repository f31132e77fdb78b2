from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from npq_portal.errors import NotFound, Refusals, Refused
from participants import services
from participants.models import Application, ParticipantListing
from participants.signals import application_changed
from schedules.models import Course

ACCEPTED = datetime(2021, 11, 5, 12, tzinfo=UTC)
AT = datetime(2021, 11, 20, 9, 30, 15, 999_999, tzinfo=UTC)
CUT = AT.replace(microsecond=0)


@pytest.fixture
def enrolment(apply, operator):
    application = apply()
    return services.accept_application(
        lead_provider=application.lead_provider,
        application_id=application.pk,
        by=operator,
        at=ACCEPTED,
    )


@pytest.fixture
def command(enrolment, operator):
    """Return a function that calls a command on the enrolment's participant."""

    def call(name, at=AT, **arguments):
        return getattr(services, name)(
            **{
                "lead_provider": enrolment.lead_provider,
                "participant_id": enrolment.participant_id,
                "course_identifier": "npq-headship",
                "refusals": Refusals(),
                "by": operator,
                "at": at,
                **arguments,
            }
        )

    return call


def codes(refusal):
    return {it.attribute: it.code.value for it in refusal.value.refusals}


def test_a_withdrawal_keeps_its_reason_and_its_instant_in_whole_seconds(command):
    command("withdraw_participant", reason="quality-of-programme-structure-not-suitable.")
    application = Application.objects.get()
    assert application.training_status == "withdrawn"
    assert application.withdrawn_at == CUT
    assert application.withdrawal_reason == "quality-of-programme-structure-not-suitable"
    assert application.events.last().kind == "withdrawn"


def test_a_deferral_ends_with_the_resumption(command):
    command("defer_participant", reason="parental-leave")
    assert Application.objects.get().deferred_at == CUT
    command("resume_participant", at=AT + timedelta(days=90))
    application = Application.objects.get()
    assert application.training_status == "active"
    assert (application.deferred_at, application.deferral_reason) == (None, None)
    assert [it.kind for it in application.events.all()] == ["accepted", "deferred", "resumed"]


def test_a_deferred_participant_who_withdraws_is_no_longer_deferred(command):
    command("defer_participant", reason="other")
    command("withdraw_participant", reason="other")
    application = Application.objects.get()
    assert (application.deferred_at, application.deferral_reason) == (None, None)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("withdraw_participant", {"reason": "other"}),
        ("defer_participant", {"reason": "other"}),
        ("resume_participant", {}),
        (
            "change_schedule",
            {"schedule_identifier": "npq-leadership-spring", "cohort": None},
        ),
    ],
)
def test_a_withdrawn_participant_can_do_nothing_more(command, name, arguments):
    command("withdraw_participant", reason="other")
    with pytest.raises(Refused) as refusal:
        command(name, **arguments)
    assert codes(refusal) == {"base": "already-withdrawn"}


def test_what_is_wrong_with_a_withdrawal_is_said_at_once(command):
    command("withdraw_participant", reason="other")
    with pytest.raises(Refused) as refusal:
        command("withdraw_participant", reason="bored")
    assert codes(refusal) == {"reason": "invalid", "base": "already-withdrawn"}
    with pytest.raises(Refused) as refusal:
        command("withdraw_participant", reason="bored", course_identifier="npq-other")
    assert codes(refusal) == {"reason": "invalid", "course_identifier": "unknown-course"}


def test_a_course_that_the_participant_is_not_on_is_refused(command, course):
    Course.objects.create(
        identifier="npq-other", name="Other", short_name="NPQO", group=course.group
    )
    with pytest.raises(Refused) as refusal:
        command("withdraw_participant", reason="other", course_identifier="npq-other")
    assert codes(refusal) == {"course_identifier": "no-accepted-application"}


def test_a_participant_of_another_provider_is_as_unknown_as_one_that_does_not_exist(
    command, other_provider
):
    for unknown in ({"lead_provider": other_provider}, {"participant_id": uuid4()}):
        with pytest.raises(NotFound):
            command("withdraw_participant", reason="other", **unknown)


def test_a_change_of_schedule_moves_the_participant(command):
    command("change_schedule", schedule_identifier="npq-leadership-spring", cohort=2021)
    application = Application.objects.get()
    assert application.schedule.identifier == "npq-leadership-spring"
    assert application.events.last().kind == "schedule-changed"


@pytest.mark.parametrize(
    ("identifier", "cohort", "expected"),
    [
        ("npq-leadership-autumn", None, {"schedule_identifier": "already-on-schedule"}),
        ("npq-leadership-winter", None, {"schedule_identifier": "unknown-schedule"}),
        ("npq-leadership-spring", 2022, {"cohort": "unknown-cohort"}),
    ],
)
def test_a_schedule_that_cannot_be_moved_to_is_refused(command, identifier, cohort, expected):
    with pytest.raises(Refused) as refusal:
        command("change_schedule", schedule_identifier=identifier, cohort=cohort)
    assert codes(refusal) == expected


def test_each_change_moves_the_persons_place_in_the_providers_list_and_never_back(command):
    command("defer_participant", reason="other")
    assert ParticipantListing.objects.get().updated_at == AT
    command("resume_participant", at=AT - timedelta(minutes=1))
    assert ParticipantListing.objects.get().updated_at == AT


def test_a_receiver_that_fails_undoes_the_whole_change(command):
    def fail(**_kwargs):
        raise RuntimeError("no")

    application_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            command("withdraw_participant", reason="other")
    finally:
        application_changed.disconnect(fail)
    application = Application.objects.get()
    assert application.training_status == "active"
    assert [it.kind for it in application.events.all()] == ["accepted"]
