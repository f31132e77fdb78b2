"""Staff edit reference data while others are at work: as if one came after the other (14.11).

The first has done its work and not yet committed when the second begins, and waits.
"""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from declarations.models import Declaration, Statement
from declarations.services import (
    Submission,
    edit_payment_period,
    make_payable,
    open_statement,
    record_declaration,
)
from npq_portal.back_office.integrity import findings
from npq_portal.errors import Refusals, Refused
from npq_portal.history import Actor
from participants.models import Application
from participants.services import accept_application, change_schedule
from participants.services.corrections import change_course
from schedules.models import Course, Schedule
from schedules.services.editing import (
    Days,
    edit_course,
    edit_course_group,
    edit_milestone,
    edit_schedule,
    remove_milestone,
)
from tests.concurrency.conftest import NOW
from tests.factories.participants import ApplicationFactory
from tests.factories.schedules import (
    CourseFactory,
    CourseGroupFactory,
    MilestoneFactory,
    ScheduleFactory,
    autumn_schedule,
)

BY_PROVIDER: dict[str, Any] = {"by": Actor(command="test"), "at": NOW}
LONGEST_WAIT = 30


def in_turn(first, second):
    """Run ``first``, let ``second`` begin and wait for it, then commit; return what came of it.

    That is what ``second`` returns, or the codes of its refusals by attribute.
    """
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            first()
            running = threads.submit(apart, second)
            until_it_waits(running)
        return running.result(LONGEST_WAIT)


def apart(act):
    try:
        return act()
    except Refused as refused:
        return {it.attribute: it.code for it in refused.refusals}
    finally:
        connection.close()


def until_it_waits(running: Future[object]) -> None:
    """Return once the other thread waits for a lock, or has ended without."""
    if connection.vendor != "postgresql":
        return  # it waits to begin
    for _ in range(LONGEST_WAIT * 100):
        if wait([running], timeout=0.01).done:
            return
        with connection.cursor() as cursor:
            # Or all of this transaction would see who waited when it first looked.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT 1 FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone():
                return
    pytest.fail("It neither ends nor waits.")


@pytest.fixture
def spring(transactional_db):
    """Return another schedule of the group, whose started and retained-1 begin with it."""
    schedule = ScheduleFactory(
        identifier="npq-leadership-spring", accepted_from=date(2022, 1, 1), accepted_until=None
    )
    for kind in ("started", "retained-1"):
        MilestoneFactory(schedule=schedule, declaration_type=kind)
    return schedule


def declare(enrolment, kind, *, has_passed=None):
    submission = Submission(
        participant_id=enrolment.participant_id,
        declaration_type=kind,
        declaration_date=datetime(2021, 12, 1, tzinfo=UTC),
        course_identifier=enrolment.course.identifier,
        has_passed=has_passed,
    )
    return record_declaration(
        lead_provider=enrolment.lead_provider,
        submission=submission,
        refusals=Refusals(),
        **BY_PROVIDER,
    )


def join(enrolment, schedule):
    return change_schedule(
        lead_provider=enrolment.lead_provider,
        participant_id=enrolment.participant_id,
        course_identifier=enrolment.course.identifier,
        schedule_identifier=schedule.identifier,
        cohort=None,
        refusals=Refusals(),
        **BY_PROVIDER,
    )


def remove(schedule, kind, why):
    milestone = schedule.milestones.get(declaration_type=kind)
    return remove_milestone(milestone_id=milestone.pk, **why)


def test_a_type_stays_for_who_is_joining_its_schedule(enrolment, spring, why):
    declare(enrolment, "retained-1")
    refused = in_turn(lambda: join(enrolment, spring), lambda: remove(spring, "retained-1", why))
    assert refused == {"declaration_type": "declarations-conflict"}
    assert list(findings()) == []


def test_who_joins_a_schedule_finds_a_type_gone(enrolment, spring, why):
    declare(enrolment, "retained-1")
    refused = in_turn(lambda: remove(spring, "retained-1", why), lambda: join(enrolment, spring))
    assert refused == {"schedule_identifier": "declarations-conflict"}
    assert list(findings()) == []


def test_a_later_start_counts_those_who_are_joining(enrolment, spring, why):
    declare(enrolment, "started")
    spring.milestones.filter(declaration_type="retained-1").delete()
    days: dict[str, Any] = {
        "start_date": date(2022, 1, 1),
        "cut_off_date": None,
        "payment_date": None,
    }
    started = spring.milestones.get()
    refused = in_turn(
        lambda: join(enrolment, spring),
        lambda: edit_milestone(milestone_id=started.pk, **days, **why),
    )
    assert refused == {"start_date": "declarations-conflict"}
    assert list(findings()) == []


def test_a_type_stays_for_what_is_being_declared(enrolment, why):
    schedule = enrolment.schedule
    refused = in_turn(
        lambda: declare(enrolment, "retained-1"), lambda: remove(schedule, "retained-1", why)
    )
    assert refused == {"declaration_type": "declarations-conflict"}
    assert list(findings()) == []


def test_who_declares_finds_a_type_gone(enrolment, why):
    schedule = enrolment.schedule
    refused = in_turn(
        lambda: remove(schedule, "retained-1", why), lambda: declare(enrolment, "retained-1")
    )
    assert refused == {"declaration_type": "type-not-in-schedule"}
    assert not Declaration.objects.exists()
    assert list(findings()) == []


def without_outcomes(group, why):
    return edit_course_group(group_id=group.pk, name=group.name, has_outcomes=False, **why)


def test_a_group_keeps_its_outcomes_for_a_completed_declaration_in_the_making(enrolment, why):
    group = enrolment.course.group
    refused = in_turn(
        lambda: declare(enrolment, "completed", has_passed=True),
        lambda: without_outcomes(group, why),
    )
    assert refused == {"has_outcomes": "in-use"}
    assert list(findings()) == []


def test_who_declares_completed_finds_that_there_are_no_outcomes(enrolment, why):
    group = enrolment.course.group
    declaration = in_turn(
        lambda: without_outcomes(group, why),
        lambda: declare(enrolment, "completed", has_passed=True),
    )
    assert declaration.has_passed is None
    assert list(findings()) == []


def accept(application):
    return accept_application(
        lead_provider=application.lead_provider, application_id=application.pk, **BY_PROVIDER
    )


def regroup(schedule, group, why):
    return edit_schedule(
        schedule_id=schedule.pk,
        identifier=schedule.identifier,
        group_id=group.pk,
        window=Days(None, date(2021, 12, 31)),
        **why,
    )


@pytest.fixture
def pending(spring):
    """Return an application whose acceptance now leads to the spring's schedule."""
    application: Application = ApplicationFactory.create()
    return application


def test_the_last_milestone_stays_for_who_is_being_accepted(pending, spring, why):
    spring.milestones.filter(declaration_type="retained-1").delete()
    refused = in_turn(lambda: accept(pending), lambda: remove(spring, "started", why))
    assert refused == {"base": "in-use"}
    assert list(findings()) == []


def test_a_schedule_stays_in_its_group_for_who_is_being_accepted(pending, spring, why):
    new = CourseGroupFactory(name="new")
    refused = in_turn(lambda: accept(pending), lambda: regroup(spring, new, why))
    assert refused["group"] == "in-use"
    assert list(findings()) == []


def autumn_until_new_year():
    """Return the schedule whose window ends where the spring's begins."""
    schedule = autumn_schedule()
    Schedule.objects.filter(pk=schedule.pk).update(accepted_until=date(2021, 12, 31))
    return schedule


def test_who_is_accepted_finds_the_windows_as_they_are_by_then(pending, spring, why):
    autumn = autumn_until_new_year()

    def move():
        edit_schedule(
            schedule_id=spring.pk,
            identifier=spring.identifier,
            group_id=spring.group_id,
            window=Days(date(2022, 2, 1), None),
            others={autumn.pk: Days(None, date(2022, 1, 31))},
            **why,
        )

    accepted = in_turn(move, lambda: accept(pending))
    assert accepted.schedule == autumn
    assert list(findings()) == []


def test_a_course_stays_in_its_group_for_who_is_getting_it(enrolment, why):
    ehco = CourseGroupFactory(name="EHCO", has_outcomes=False)
    course: Course = CourseFactory.create(identifier="npq-ehco", group=ehco)
    MilestoneFactory(schedule=ScheduleFactory(identifier="npq-ehco-june", group=ehco))
    refused = in_turn(
        lambda: change_course(application_id=enrolment.pk, course=course.identifier, **why),
        lambda: edit_course(
            course_id=course.pk,
            identifier=course.identifier,
            name=course.name,
            short_name=course.short_name,
            group_id=enrolment.course.group_id,
            **why,
        ),
    )
    assert refused == {"group": "in-use"}
    assert list(findings()) == []


def test_of_two_edits_of_windows_the_second_knows_the_first(spring, why):
    autumn = autumn_until_new_year()
    edit = {
        "schedule_id": autumn.pk,
        "identifier": autumn.identifier,
        "group_id": autumn.group_id,
        **why,
    }

    def move(last, first):
        return edit_schedule(window=Days(None, last), others={spring.pk: Days(first, None)}, **edit)

    alone = in_turn(
        lambda: move(date(2022, 1, 15), date(2022, 1, 16)),
        lambda: edit_schedule(window=Days(None, date(2021, 12, 31)), **edit),
    )
    assert alone == {"base": "days-without-one-schedule"}
    in_turn(
        lambda: move(date(2022, 1, 20), date(2022, 1, 21)),
        lambda: edit_schedule(
            **{**edit, "schedule_id": spring.pk, "identifier": spring.identifier},
            window=Days(date(2022, 2, 1), None),
            others={autumn.pk: Days(None, date(2022, 1, 31))},
        ),
    )
    autumn.refresh_from_db()
    spring.refresh_from_db()
    assert (autumn.accepted_until, spring.accepted_from) == (date(2022, 1, 31), date(2022, 2, 1))


@pytest.fixture
def statement(enrolment):
    """Return an open statement with a declaration; its deadline passes on 20 January."""
    (opened,) = open_statement(
        cohort=2021,
        period="January",
        deadline=date(2022, 1, 20),
        payment=date(2022, 1, 25),
        lead_provider=enrolment.lead_provider,
        **BY_PROVIDER,
    )
    declare(enrolment, "started")
    return opened


def postpone(statement, why):
    return edit_payment_period(
        period_id=statement.period_id,
        deadline_date=date(2022, 2, 20),
        payment_date=date(2022, 2, 25),
        **why,
    )


def close():
    return make_payable(as_of=date(2022, 1, 21), **BY_PROVIDER)


def test_a_statement_whose_deadline_is_being_moved_does_not_become_payable(statement, why):
    assert in_turn(lambda: postpone(statement, why), close) == []
    assert Statement.objects.get().state == "open"
    assert list(findings()) == []


def test_the_deadline_of_what_is_becoming_payable_stays(statement, why):
    assert in_turn(close, lambda: postpone(statement, why)) == {"base": "in-use"}
    assert Statement.objects.get().state == "payable"
    assert list(findings()) == []
