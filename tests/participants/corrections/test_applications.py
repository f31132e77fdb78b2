"""Correcting what was decided about an application (rules 14.3 to 14.5)."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from declarations.services import make_payable, mark_paid
from npq_portal.errors import NotFound
from participants.models import Application, ParticipantListing
from participants.services import accept_application
from participants.services.corrections import (
    change_course,
    change_funding,
    revert_application,
    transfer_application,
)
from participants.services.corrections.applications import siblings_rejected_with
from tests.factories.participants import ApplicationFactory
from tests.factories.schedules import ScheduleFactory
from tests.participants.corrections.conftest import (
    BY,
    DECLARED,
    NOW,
    declare,
    newest,
    open_for,
    void,
)


def accept(application):
    return accept_application(
        lead_provider=application.lead_provider,
        application_id=application.pk,
        by=BY,
        at=DECLARED,
    )


@pytest.fixture
def paid(enrolment):
    """Return a declaration that was paid for."""
    statement = open_for(enrolment.lead_provider)
    declaration = declare(enrolment)
    make_payable(as_of=date(2021, 12, 26), by=BY, at=DECLARED)
    mark_paid(statement_id=statement.pk, by=BY, at=DECLARED)
    declaration.refresh_from_db()
    return declaration


@pytest.mark.parametrize(
    ("correction", "arguments"),
    [
        (revert_application, {}),
        (change_course, {"course": "npq-headship"}),
        (change_funding, {"eligible_for_funding": False}),
        (transfer_application, {"lead_provider_id": uuid4()}),
    ],
)
def test_an_application_that_is_not_there_is_not_found(correct, correction, arguments):
    with pytest.raises(NotFound):
        correct(correction, application_id=uuid4(), **arguments)


# Back to pending


def test_a_reverted_application_is_pending_and_leaves_its_providers_list(
    correct, listed, enrolment
):
    provider = enrolment.lead_provider
    assert listed(provider, "/participants/npq") == [str(enrolment.participant_id)]
    correct(revert_application, application_id=enrolment.pk)
    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.updated_at) == ("pending", NOW)
    assert (enrolment.accepted_at, enrolment.schedule, enrolment.training_status) == (None,) * 3
    event = newest(enrolment)
    assert event.kind == "reverted"
    assert event.before["status"] == "accepted"
    assert event.before["training_status"] == "active"
    assert listed(provider, "/participants/npq") == []
    assert listed(provider, "/npq-applications") == [str(enrolment.pk)]
    assert ParticipantListing.objects.get().updated_at == NOW
    assert accept(enrolment).status == "accepted"
    assert listed(provider, "/participants/npq") == [str(enrolment.participant_id)]


def test_a_deferred_or_withdrawn_one_leaves_nothing_of_that_behind(correct, enrol):
    for values in (
        {"training_status": "deferred", "deferred_at": DECLARED, "deferral_reason": "other"},
        {"training_status": "withdrawn", "withdrawn_at": DECLARED, "withdrawal_reason": "other"},
    ):
        application = enrol(**values)
        correct(revert_application, application_id=application.pk)
        application.refresh_from_db()
        assert {getattr(application, name) for name in values} == {None}


def test_siblings_that_the_acceptance_rejected_can_be_reverted_with_it(correct, other_provider):
    ScheduleFactory()
    application = ApplicationFactory.create()
    siblings = [
        ApplicationFactory.create(participant=application.participant, lead_provider=other_provider)
        for _ in range(2)
    ]
    accept(application)
    application.refresh_from_db()
    # What happens to a sibling meanwhile does not hide why it was rejected.
    correct(
        transfer_application,
        application_id=siblings[0].pk,
        lead_provider_id=application.lead_provider_id,
    )
    assert {it.pk for it in siblings_rejected_with(application)} == {it.pk for it in siblings}
    correct(revert_application, application_id=application.pk, siblings=[siblings[0].pk] * 2)
    for it in (application, *siblings):
        it.refresh_from_db()
    assert [application.status, *(it.status for it in siblings)] == [
        "pending",
        "pending",
        "rejected",
    ]
    assert newest(siblings[0]).kind == "reverted"


def test_others_are_not_reverted_with_it(refused, enrolment, other_provider):
    rejected = ApplicationFactory.create(participant=enrolment.participant, status="rejected")
    rejected.events.create(kind="rejected", at=DECLARED, command="test")
    found = refused(revert_application, application_id=enrolment.pk, siblings=[rejected.pk])
    assert found == {"siblings": "invalid"}


def test_a_rejected_application_can_be_decided_again(correct, db):
    rejected = ApplicationFactory.create(status="rejected")
    rejected.events.create(kind="rejected", at=DECLARED, command="test")
    correct(revert_application, application_id=rejected.pk)
    rejected.refresh_from_db()
    assert rejected.status == "pending"


def test_what_is_pending_is_not_reverted(refused, db):
    application = ApplicationFactory.create()
    found = refused(
        revert_application, application_id=application.pk, reason="", siblings=[uuid4()]
    )
    assert found == {"base": "not-decided", "reason": "missing", "siblings": "invalid"}


def test_live_declarations_hold_an_acceptance_and_are_named(refused, sentence, correct, enrolment):
    declaration = declare(enrolment)
    assert refused(revert_application, application_id=enrolment.pk) == {
        "base": "declarations-conflict"
    }
    assert str(declaration.pk) in sentence(revert_application, application_id=enrolment.pk)
    void(declaration)
    assert correct(revert_application, application_id=enrolment.pk).status == "pending"


def test_a_payment_to_be_taken_back_does_not_hold_it(correct, enrolment, paid):
    void(paid)
    assert correct(revert_application, application_id=enrolment.pk).status == "pending"


# Course


def test_a_course_of_the_group_keeps_schedule_and_declarations(correct, api, enrolment, senior):
    declaration = declare(enrolment)
    schedule = enrolment.schedule
    correct(change_course, application_id=enrolment.pk, course=senior.identifier)
    enrolment.refresh_from_db()
    assert (enrolment.course, enrolment.schedule, enrolment.updated_at) == (senior, schedule, NOW)
    event = newest(enrolment)
    assert (event.kind, event.before, event.after) == (
        "course-changed",
        {"course": "npq-headship"},
        {"course": "npq-senior-leadership"},
    )
    since = f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    (answer,) = api(
        enrolment.lead_provider, "GET", f"/participant-declarations?filter[updated_since]={since}"
    ).json()["data"]
    assert answer["id"] == str(declaration.pk)
    assert answer["attributes"]["course_identifier"] == "npq-senior-leadership"


def test_a_course_of_another_group_brings_the_schedule_of_the_day_of_acceptance(
    correct, enrolment, coaching
):
    correct(change_course, application_id=enrolment.pk, course=coaching.identifier)
    enrolment.refresh_from_db()
    assert enrolment.schedule.identifier == "npq-aso"
    assert newest(enrolment).after["schedule"] == "npq-aso (2021)"


def test_a_pending_application_changes_course_without_a_schedule(correct, db, coaching):
    application = ApplicationFactory.create()
    correct(change_course, application_id=application.pk, course=coaching.identifier)
    application.refresh_from_db()
    assert (application.course, application.schedule) == (coaching, None)


def test_a_paid_declaration_moves_to_a_course_of_the_group_and_the_books_stay_right(
    correct, enrolment, paid, senior
):
    correct(change_course, application_id=enrolment.pk, course=senior.identifier)
    paid.refresh_from_db()
    assert paid.state == "paid"


def test_what_forbids_a_course(refused, enrol, enrolment, senior, coaching):
    declare(enrolment)
    course = {"application_id": enrolment.pk}
    assert refused(change_course, course="npq-headship", **course) == {"course": "nothing-changes"}
    assert refused(change_course, course="npq-x", reason="", **course) == {
        "course": "unknown-course",
        "reason": "missing",
    }
    ScheduleFactory(identifier="another", group=coaching.group)
    assert refused(change_course, course=coaching.identifier, **course) == {
        "base": "declarations-conflict",
        "course": "no-single-schedule",
    }
    enrol(participant=enrolment.participant, course=senior)
    assert refused(change_course, course=senior.identifier, **course) == {
        "course": "already-accepted-elsewhere"
    }


def test_another_record_of_the_person_may_hold_the_course(refused, enrolment, same_person, senior):
    same_person(enrolment, course=senior)
    found = refused(change_course, application_id=enrolment.pk, course=senior.identifier)
    assert found == {"course": "already-accepted-elsewhere"}


def test_a_declaration_is_not_to_count_twice_for_the_new_course(
    refused, sentence, correct, enrol, enrolment, senior
):
    declare(enrolment)
    left = enrol(participant=enrolment.participant, course=senior)
    rival = declare(left)
    Application.objects.filter(pk=left.pk).update(
        training_status="withdrawn",
        withdrawn_at=DECLARED + timedelta(days=30),
        withdrawal_reason="other",
    )
    change = {"application_id": enrolment.pk, "course": senior.identifier}
    assert refused(change_course, **change) == {"course": "slot-taken"}
    assert str(rival.pk) in sentence(change_course, **change)
    void(rival)
    assert correct(change_course, **change)


# Funding


def test_funding_assesses_what_is_not_paid_again_and_back(correct, enrolment):
    statement = open_for(enrolment.lead_provider)
    declaration = declare(enrolment)
    assert (declaration.state, declaration.statement) == ("eligible", statement)
    correct(
        change_funding,
        application_id=enrolment.pk,
        eligible_for_funding=False,
        ineligible_for_funding_reason="previously-funded",
    )
    declaration.refresh_from_db()
    enrolment.refresh_from_db()
    assert (declaration.state, declaration.statement) == ("submitted", None)
    assert declaration.events.last().reason == "The funding changed."
    assert enrolment.ineligible_for_funding_reason == "previously-funded"
    assert newest(enrolment).before == {
        "eligible_for_funding": True,
        "ineligible_for_funding_reason": None,
    }
    correct(change_funding, application_id=enrolment.pk, eligible_for_funding=True)
    declaration.refresh_from_db()
    assert (declaration.state, declaration.statement) == ("eligible", statement)
    assert Application.objects.get().ineligible_for_funding_reason is None


def test_the_reason_alone_can_be_corrected(correct, enrol, enrolment):
    unfunded = enrol(eligible_for_funding=False)
    arguments = {"application_id": unfunded.pk, "eligible_for_funding": False}
    reason = "establishment-ineligible"
    correct(change_funding, ineligible_for_funding_reason=reason, **arguments)
    assert Application.objects.get(pk=unfunded.pk).ineligible_for_funding_reason == reason


@pytest.mark.parametrize(
    ("eligible", "reason", "expected"),
    [
        (True, None, {"base": "nothing-changes"}),
        (True, "previously-funded", {"ineligible_for_funding_reason": "invalid"}),
        (False, "rich", {"ineligible_for_funding_reason": "invalid"}),
    ],
)
def test_funding_that_makes_no_sense_is_refused(refused, enrolment, eligible, reason, expected):
    found = refused(
        change_funding,
        application_id=enrolment.pk,
        eligible_for_funding=eligible,
        ineligible_for_funding_reason=reason,
    )
    assert found == expected


def test_money_on_its_way_holds_the_funding(refused, correct, enrolment):
    change = {"application_id": enrolment.pk, "eligible_for_funding": False}
    held = {"base": "declarations-conflict"}
    statement = open_for(enrolment.lead_provider)
    declaration = declare(enrolment)
    make_payable(as_of=date(2021, 12, 26), by=BY, at=DECLARED)
    assert refused(change_funding, **change) == held
    mark_paid(statement_id=statement.pk, by=BY, at=DECLARED)
    assert refused(change_funding, **change) == held
    void(declaration)
    assert refused(change_funding, **change) == held
    refund = open_for(enrolment.lead_provider, deadline=date(2022, 2, 25), period="March 2022")
    make_payable(as_of=date(2022, 2, 26), by=BY, at=DECLARED)
    mark_paid(statement_id=refund.pk, by=BY, at=DECLARED)
    assert correct(change_funding, **change).eligible_for_funding is False
