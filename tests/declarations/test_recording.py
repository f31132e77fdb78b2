from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from declarations.models import Declaration
from declarations.services import void_declaration
from declarations.signals import completion_declared
from npq_portal.errors import ErrorCode, Refusals, Refused
from participants.choices import TrainingStatus
from participants.services import change_schedule
from tests.declarations.conftest import AT, BY
from tests.factories.participants import EnrolmentFactory, ParticipantFactory
from tests.factories.providers import LeadProviderFactory
from tests.factories.schedules import CohortFactory

BEFORE_CUT_OFF = datetime(2021, 12, 24, 23, 59, 59, tzinfo=UTC)


def withdraw(application, at):
    application.training_status = TrainingStatus.WITHDRAWN
    application.withdrawn_at = at
    application.withdrawal_reason = "other"
    application.save()


def refused(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return {it.attribute: it.code for it in caught.value.refusals}


def test_a_funded_declaration_is_eligible_and_attached_with_its_history(enrolment, declare, opened):
    opened(period="July 2022", deadline=datetime(2022, 6, 25).date())  # noqa: DTZ001
    (march,) = opened()
    declaration = declare(enrolment)
    assert (declaration.state, declaration.statement) == ("eligible", march)
    event = declaration.events.get()
    assert (event.from_state, event.to_state, event.command) == ("", "eligible", "test")


def test_an_unfunded_declaration_is_submitted(enrolment, declare):
    enrolment.eligible_for_funding = False
    enrolment.save()
    assert declare(enrolment).state == "submitted"


def test_an_exact_copy_returns_the_first_even_when_rules_would_refuse_it_now(enrolment, declare):
    first = declare(enrolment)
    withdraw(enrolment, datetime(2021, 11, 15, tzinfo=UTC))
    fraction = datetime(2021, 12, 1, 10, 0, 0, 999_999, tzinfo=UTC)
    assert declare(enrolment, declaration_date=fraction) == first
    assert Declaration.objects.count() == 1
    assert first.events.count() == 1


def test_a_voided_declaration_is_not_copied(enrolment, declare):
    first = declare(enrolment)
    void_declaration(lead_provider=enrolment.lead_provider, declaration_id=first.pk, by=BY, at=AT)
    assert declare(enrolment) != first


def test_every_refusal_comes_back_at_once(enrolment, declare):
    declare(enrolment, declaration_type="completed", has_passed=True)
    noted = Refusals()
    noted.add("course_identifier", ErrorCode.MISSING, "Missing.")
    assert refused(
        declare,
        enrolment,
        participant_id=uuid4(),
        course_identifier=None,
        declaration_date=AT + timedelta(seconds=1),
        refusals=noted,
    ) == {
        "course_identifier": ErrorCode.MISSING,
        "participant_id": ErrorCode.UNKNOWN_PARTICIPANT,
        "declaration_date": ErrorCode.DATE_IN_FUTURE,
    }
    assert refused(
        declare,
        enrolment,
        declaration_type="completed",
        declaration_date=datetime(2021, 10, 31, 23, 59, 59, tzinfo=UTC),
    ) == {
        "base": ErrorCode.SLOT_TAKEN,
        "declaration_date": ErrorCode.DATE_BEFORE_SCHEDULE,
        "has_passed": ErrorCode.MISSING,
    }


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"declaration_type": "retained-2"}, {"declaration_type": ErrorCode.TYPE_NOT_IN_SCHEDULE}),
        ({"declaration_type": "ended"}, {"declaration_type": ErrorCode.INVALID}),
        ({"course_identifier": "npq-x"}, {"course_identifier": ErrorCode.UNKNOWN_COURSE}),
        ({"participant_id": uuid4()}, {"participant_id": ErrorCode.UNKNOWN_PARTICIPANT}),
    ],
)
def test_what_is_refused_alone(enrolment, declare, changes, refusal):
    assert refused(declare, enrolment, **changes) == refusal


def test_an_unknown_type_is_told_whatever_else_is_wrong(enrolment, declare):
    unknown = {"participant_id": uuid4(), "course_identifier": "npq-x", "declaration_type": "ended"}
    assert refused(declare, enrolment, **unknown) == {
        "participant_id": ErrorCode.UNKNOWN_PARTICIPANT,
        "course_identifier": ErrorCode.UNKNOWN_COURSE,
        "declaration_type": ErrorCode.INVALID,
    }


def test_another_providers_participant_is_unknown(enrolment, declare):
    assert refused(declare, enrolment, by_provider=LeadProviderFactory()) == {
        "participant_id": ErrorCode.UNKNOWN_PARTICIPANT
    }


def test_the_withdrawal_is_the_end_of_what_can_be_declared(enrolment, declare):
    left = datetime(2021, 12, 26, 10, tzinfo=UTC)
    withdraw(enrolment, left)
    assert refused(declare, enrolment, declaration_date=left) == {
        "declaration_date": ErrorCode.DATE_AFTER_WITHDRAWAL
    }
    assert declare(enrolment, declaration_date=left - timedelta(seconds=1)).state == "eligible"


def test_who_left_before_the_cut_off_is_ineligible(enrolment, declare):
    withdraw(enrolment, datetime(2021, 12, 24, 23, 59, 59, tzinfo=UTC))
    assert declare(enrolment).state == "ineligible"


def test_a_second_application_of_the_person_shares_the_slot(enrolment, declare):
    declare(enrolment)
    withdraw(enrolment, AT)
    again = EnrolmentFactory(participant=enrolment.participant)
    assert refused(declare, again) == {"base": ErrorCode.SLOT_TAKEN}


def test_the_application_that_is_not_withdrawn_is_declared_for(enrolment, declare):
    withdraw(enrolment, AT)
    again = EnrolmentFactory(
        participant=enrolment.participant, lead_provider=enrolment.lead_provider
    )
    assert declare(enrolment).application == again


def test_of_withdrawn_applications_the_last_to_be_accepted_is_declared_for(enrolment, declare):
    withdraw(enrolment, datetime(2021, 11, 20, tzinfo=UTC))
    again = EnrolmentFactory(
        participant=enrolment.participant,
        lead_provider=enrolment.lead_provider,
        accepted_at=datetime(2021, 11, 21, tzinfo=UTC),
    )
    withdraw(again, AT)
    assert declare(enrolment).application == again


def test_another_record_with_the_validated_trn_makes_a_duplicate(declare, db):
    trn = {"teacher_reference_number": "1234567", "teacher_reference_number_validated": True}
    first, second = (EnrolmentFactory(participant=ParticipantFactory(**trn)) for _ in range(2))
    original = declare(first)
    duplicate = declare(second)
    assert (duplicate.state, duplicate.duplicate_of) == ("ineligible", original)


def test_completion_is_told_with_has_passed_alone(enrolment, declare):
    told = []

    def hear(*, declaration, by, at, **_signal):
        told.append((declaration, by, at))

    completion_declared.connect(hear)
    try:
        noted = Refusals()
        noted.add("has_passed", ErrorCode.INVALID, "Malformed, and ignored here.")
        declare(enrolment, refusals=noted)
        completed = declare(enrolment, declaration_type="completed", has_passed=False)
        enrolment.course.group.has_outcomes = False
        enrolment.course.group.save()
        other = EnrolmentFactory(course=enrolment.course)
        assert declare(other, declaration_type="completed", has_passed=True).has_passed is None
    finally:
        completion_declared.disconnect(hear)
    assert told == [(completed, BY, AT)]


@pytest.mark.parametrize("identifier", [None, "npq-unknown", "npq-leadership-autumn"])
def test_a_cohort_held_by_a_declaration_is_told_whatever_the_schedule(
    enrolment, declare, identifier
):
    declare(enrolment)
    CohortFactory(start_year=2022)
    with pytest.raises(Refused) as refusal:
        change_schedule(
            lead_provider=enrolment.lead_provider,
            participant_id=enrolment.participant_id,
            course_identifier=enrolment.course.identifier,
            schedule_identifier=identifier,
            cohort=2022,
            refusals=Refusals(),
            by=BY,
            at=AT,
        )
    told = {it.attribute: it.code for it in refusal.value.refusals}
    assert told["cohort"] == ErrorCode.COHORT_HELD_BY_DECLARATIONS


def test_the_same_with_the_other_has_passed_is_no_copy(enrolment, declare):
    declare(enrolment, declaration_type="completed", has_passed=True)
    other = {"declaration_type": "completed", "has_passed": False}
    assert refused(declare, enrolment, **other) == {"base": ErrorCode.SLOT_TAKEN}


def test_what_is_ineligible_takes_no_slot_of_another_application(enrolment, declare):
    withdraw(enrolment, BEFORE_CUT_OFF)
    assert declare(enrolment).state == "ineligible"
    again = EnrolmentFactory(participant=enrolment.participant)
    assert declare(again).state == "eligible"


def test_what_is_ineligible_is_not_duplicated(db, declare):
    trn = {"teacher_reference_number": "1234567", "teacher_reference_number_validated": True}
    first, second = (EnrolmentFactory(participant=ParticipantFactory(**trn)) for _ in range(2))
    withdraw(first, BEFORE_CUT_OFF)
    assert declare(first).state == "ineligible"
    declaration = declare(second)
    assert (declaration.state, declaration.duplicate_of) == ("eligible", None)


def test_a_deferred_participant_is_declared_for(enrolment, declare):
    enrolment.training_status = TrainingStatus.DEFERRED
    enrolment.deferred_at = AT
    enrolment.deferral_reason = "career-break"
    enrolment.save()
    assert declare(enrolment).state == "eligible"


@pytest.mark.parametrize(
    ("at", "is_taken_on"),
    [
        (datetime(2022, 6, 30, 22, 59, 59, tzinfo=UTC), True),
        (datetime(2022, 6, 30, 23, 30, tzinfo=UTC), False),
    ],
)
def test_a_statement_takes_declarations_on_to_the_end_of_its_london_deadline(
    enrolment, declare, opened, at, is_taken_on
):
    (statement,) = opened(deadline=date(2022, 6, 30))
    assert (declare(enrolment, at=at).statement == statement) is is_taken_on


def test_a_schedule_starts_with_its_london_day(enrolment, declare):
    enrolment.schedule.milestones.update(start_date=date(2022, 7, 1), cut_off_date=None)
    start, at = datetime(2022, 6, 30, 23, tzinfo=UTC), datetime(2022, 7, 2, tzinfo=UTC)
    assert refused(declare, enrolment, declaration_date=start - timedelta(seconds=1), at=at) == {
        "declaration_date": ErrorCode.DATE_BEFORE_SCHEDULE
    }
    assert declare(enrolment, declaration_date=start, at=at).declaration_date == start
