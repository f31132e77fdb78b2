"""What staff put right about reference data (rules 14.11, 14.12)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from declarations.models import PaymentPeriod, Statement
from declarations.services import (
    copy_cohort,
    edit_payment_period,
    make_payable,
    set_contract_price,
)
from npq_portal.back_office.integrity import findings
from npq_portal.errors import NotFound, Refused
from participants.models import ApplicationEvent
from participants.services.records import list_participants
from schedules.models import Cohort, Course, CourseGroup, Milestone, Schedule
from schedules.services import editing
from schedules.services.editing import Days
from tests.declarations.conftest import AT, BY
from tests.factories.participants import EnrolmentFactory
from tests.factories.providers import LONG_AGO, LeadProviderFactory
from tests.reference_data import load_reference_data
from tests.schedules.conftest import WHY

CHRISTMAS = date(2021, 12, 25)
BOXING_DAY = date(2021, 12, 26)


@pytest.fixture
def shipped(db):
    load_reference_data()
    return {it.identifier: it for it in Schedule.objects.all()}


def refused(act, **values):
    with pytest.raises(Refused) as caught:
        act(**values)
    return {it.attribute: it.code for it in caught.value.refusals}


def is_signed(row, why, kind="~"):
    version = type(row).history.filter(id=row.pk).latest("history_id")
    return (
        version.history_type == kind
        and version.history_change_reason == WHY.strip()
        and version.history_user_id == why["by"].staff_id
        and version.history_date == why["at"]
    )


def sound(enrolment):
    list_participants([enrolment], at=LONG_AGO)
    ApplicationEvent.objects.create(
        application=enrolment, kind="accepted", at=LONG_AGO, **BY.columns()
    )
    return enrolment


def dates_of(milestone, **changes):
    names = ("start_date", "cut_off_date", "payment_date")
    return {"milestone_id": milestone.pk} | {it: getattr(milestone, it) for it in names} | changes


def started_of(enrolment):
    return enrolment.schedule.milestones.get(declaration_type="started")


def test_a_catalogue_is_made_from_nothing(db, why):
    cohort = editing.add_cohort(start_year=2030, **why)
    group = editing.add_course_group(name="new", has_outcomes=True, **why)
    text: dict[str, Any] = {"identifier": "npq-new", "name": "New", "short_name": "NEW"}
    course = editing.add_course(group_id=group.pk, **text, **why)
    schedule = editing.add_schedule(
        cohort_id=cohort.pk,
        identifier="npq-new-autumn",
        group_id=group.pk,
        window=Days(None, None),
        **why,
    )
    milestone = editing.add_milestone(
        schedule_id=schedule.pk,
        declaration_type="started",
        start_date=date(2030, 11, 1),
        cut_off_date=None,
        payment_date=None,
        **why,
    )
    for row in (cohort, group, course, schedule, milestone):
        assert is_signed(row, why, "+")
    assert refused(editing.add_course, group_id=group.pk, **text, **{**why, "reason": ""}) == {
        "reason": "missing",
        "identifier": "exists-already",
        "short_name": "exists-already",
    }
    assert refused(editing.add_cohort, start_year=2030, **why) == {"start_year": "exists-already"}
    assert refused(editing.add_cohort, start_year=99, **why) == {"start_year": "invalid"}
    assert refused(editing.add_course_group, name=" ", has_outcomes=True, **why) == {
        "name": "invalid"
    }
    moved = editing.edit_cohort(
        cohort_id=editing.add_cohort(start_year=2031, **why).pk, start_year=2032, **why
    )
    assert is_signed(moved, why)


def test_what_is_used_keeps_its_name_and_group(enrolment, declare, why):
    other = editing.add_course_group(name="other", has_outcomes=False, **why)
    course, schedule = enrolment.course, enrolment.schedule
    in_use = {"identifier": "in-use", "group": "in-use"}
    names = {"name": "Headship", "short_name": "NPQH"}
    course_edit = {"course_id": course.pk, **names, **why}
    assert refused(editing.edit_course, identifier="x", group_id=other.pk, **course_edit) == in_use
    edited = editing.edit_course(
        identifier=course.identifier, group_id=course.group_id, **course_edit
    )
    assert is_signed(edited, why)
    window = Days(None, None)
    assert refused(
        editing.edit_schedule,
        schedule_id=schedule.pk,
        identifier="x",
        group_id=other.pk,
        window=window,
        **why,
    ) == {**in_use, "base": "days-without-one-schedule"}
    assert refused(editing.edit_cohort, cohort_id=enrolment.cohort_id, start_year=2022, **why) == {
        "start_year": "in-use"
    }
    group = {"group_id": course.group_id, "name": "leaders", **why}
    assert is_signed(editing.edit_course_group(has_outcomes=True, **group), why)
    declare(enrolment, declaration_type="completed", has_passed=True)
    assert refused(editing.edit_course_group, has_outcomes=False, **group) == {
        "has_outcomes": "in-use"
    }


def test_windows_move_together_or_not_at_all(shipped, why):
    autumn, spring = shipped["npq-leadership-autumn"], shipped["npq-leadership-spring"]
    edit = {
        "schedule_id": autumn.pk,
        "identifier": autumn.identifier,
        "group_id": autumn.group_id,
        **why,
    }
    longer = Days(None, date(2021, 12, 31))
    with pytest.raises(Refused, match="2021-12-26 to 2021-12-31: taken by npq-leadership-autumn"):
        editing.edit_schedule(window=longer, **edit)
    with pytest.raises(Refused, match="2021-12-25: taken by no schedule"):
        editing.edit_schedule(window=Days(None, date(2021, 12, 24)), **edit)
    assert refused(editing.edit_schedule, window=Days(None, CHRISTMAS), **edit) == {
        "base": "nothing-changes"
    }
    reversed_ = Days(CHRISTMAS, date(2021, 1, 1))
    assert refused(editing.edit_schedule, window=reversed_, **edit) == {"accepted_until": "invalid"}
    foreign = {shipped["npq-ehco-june"].pk: Days(None, None)}
    assert refused(editing.edit_schedule, window=Days(None, CHRISTMAS), others=foreign, **edit) == {
        "others": "unknown-schedule",
        "base": "nothing-changes",
    }
    editing.edit_schedule(window=longer, others={spring.pk: Days(date(2022, 1, 1), None)}, **edit)
    for it in (autumn, spring):
        it.refresh_from_db()
        assert is_signed(it, why)
    assert (autumn.accepted_until, spring.accepted_from) == (date(2021, 12, 31), date(2022, 1, 1))


def test_a_schedule_is_added_where_another_makes_room(shipped, why):
    spring = shipped["npq-leadership-spring"]
    summer = {
        "cohort_id": spring.cohort_id,
        "identifier": "npq-leadership-summer",
        "group_id": spring.group_id,
        "window": Days(date(2022, 6, 1), None),
        **why,
    }
    assert refused(editing.add_schedule, **summer) == {"base": "days-without-one-schedule"}
    editing.add_schedule(**summer, others={spring.pk: Days(BOXING_DAY, date(2022, 5, 31))})
    summer |= {"window": Days(date(2020, 1, 1), date(2020, 1, 1))}
    assert refused(editing.add_schedule, **summer)["base"] == "exists-already"


def test_a_period_that_is_open_gets_other_dates_and_takes_on_what_waits(
    enrolment, declare, opened, why
):
    sound(enrolment)
    (statement,) = opened(enrolment.lead_provider, deadline=date(2022, 1, 10))
    late = datetime(2022, 1, 11, 12, tzinfo=UTC)
    declaration = declare(enrolment, at=late)
    assert declaration.statement is None
    edit = {"period_id": statement.period_id, **why, "at": late}
    edit_payment_period(deadline_date=date(2022, 1, 20), payment_date=date(2022, 3, 1), **edit)
    declaration.refresh_from_db()
    statement.refresh_from_db()
    assert (declaration.statement, statement.updated_at) == (statement, late)
    assert is_signed(statement.period, {**why, "at": late})
    past = {"deadline_date": date(2022, 1, 9), "payment_date": date(2022, 1, 8)}
    assert refused(edit_payment_period, **past, **edit) == {
        "deadline_date": "deadline-passed",
        "payment_date": "invalid",
    }
    make_payable(as_of=date(2022, 1, 21), by=BY, at=late)
    same = {"deadline_date": date(2022, 1, 20), "payment_date": date(2022, 3, 2)}
    assert refused(edit_payment_period, **same, **edit) == {"base": "in-use"}
    assert list(findings()) == []


def test_a_cohort_is_copied_with_its_dates_moved_and_nothing_overwritten(shipped, why):
    LeadProviderFactory()
    values = {"from_year": 2021, "to_year": 2023, **why}
    report = copy_cohort(**values)
    assert (len(report.added), report.kept) == (18, [])
    december = Schedule.objects.get(cohort=report.cohort, identifier="npq-aso-december")
    assert (december.accepted_from, december.accepted_until) == (
        date(2023, 12, 1),
        date(2024, 2, 29),
    )
    assert is_signed(december, why, "+")
    old, new = (Milestone.objects.filter(schedule__cohort__start_year=it) for it in (2021, 2023))
    assert new.count() == old.count()
    assert {it.start_date.replace(year=it.start_date.year - 2) for it in new} == {
        it.start_date for it in old
    }
    period = PaymentPeriod.objects.get(cohort=report.cohort, name="January 2024")
    assert (period.deadline_date, period.payment_date) == (date(2023, 12, 25), date(2024, 1, 25))
    assert Statement.objects.filter(period=period).count() == 1
    again = copy_cohort(**values)
    assert (again.added, len(again.kept)) == ([], 18)
    assert list(findings()) == []


def test_a_copy_that_would_leave_days_to_two_schedules_is_refused(shipped, why):
    cohort = editing.add_cohort(start_year=2022, **why)
    group = CourseGroup.objects.get(name="EHCO")
    editing.add_schedule(
        cohort_id=cohort.pk,
        identifier="of-our-own",
        group_id=group.pk,
        window=Days(None, None),
        **why,
    )
    assert refused(copy_cohort, from_year=2021, to_year=2022, **why) == {
        "base": "days-without-one-schedule"
    }
    wrong = {"from_year": 2021, **why, "reason": ""}
    assert refused(copy_cohort, to_year=2021, **wrong) == {
        "reason": "missing",
        "to_year": "nothing-changes",
    }
    assert refused(copy_cohort, to_year=99999, **wrong)["to_year"] == "invalid"
    assert Cohort.objects.count() == 2


def test_unknown_ids_are_not_found(enrolment, why):
    dates = {"start_date": CHRISTMAS, "cut_off_date": None, "payment_date": None}
    text = {"identifier": "i", "name": "n", "short_name": "s"}
    schedule = {"identifier": "i", "window": Days(None, None)}
    group = enrolment.course.group_id
    for act, values in (
        (editing.edit_cohort, {"cohort_id": 0, "start_year": 2022}),
        (editing.edit_course_group, {"group_id": 0, "name": "n", "has_outcomes": True}),
        (editing.add_course, {"group_id": 0, **text}),
        (editing.edit_course, {"course_id": 0, "group_id": group, **text}),
        (editing.add_schedule, {"cohort_id": 0, "group_id": group, **schedule}),
        (editing.edit_schedule, {"schedule_id": 0, "group_id": group, **schedule}),
        (editing.add_milestone, {"schedule_id": 0, "declaration_type": "started", **dates}),
        (editing.edit_milestone, {"milestone_id": 0, **dates}),
        (editing.remove_milestone, {"milestone_id": 0}),
        (copy_cohort, {"from_year": 1999, "to_year": 2022}),
        (
            edit_payment_period,
            {"period_id": 0, "deadline_date": CHRISTMAS, "payment_date": CHRISTMAS},
        ),
        (
            set_contract_price,
            {
                "lead_provider_id": enrolment.lead_provider_id,
                "cohort_id": 0,
                "course_id": enrolment.course_id,
                "price_per_participant": Decimal(1),
            },
        ),
    ):
        with pytest.raises(NotFound):
            act(**values, **why)
    assert Course.objects.count() == EnrolmentFactory._meta.model.objects.count() == 1


def test_only_staff_edit(enrolment):
    with pytest.raises(ValueError, match="Only staff"):
        editing.add_cohort(start_year=2030, reason="r", by=BY, at=AT)
