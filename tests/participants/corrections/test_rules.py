"""What forbids a correction, decided over plain facts (rules 14)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from participants import rules
from participants.choices import ApplicationStatus, TrainingStatus

AT = datetime(2021, 12, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WITHDRAWN = TrainingStatus.WITHDRAWN


@pytest.fixture(autouse=True)
def whole_data():
    """Replace the proof of the data: there is none here."""


def codes(refusals):
    return [(it.attribute, it.code.value) for it in refusals if it is not None]


def held(course, provider="North", live=()):
    return rules.HeldCourse(uuid4(), course, provider, live)


def test_records_are_one_persons_unless_they_share_a_course():
    assert codes(rules.refusals_to_be_one_person([], [held("a")])) == []
    assert codes(rules.refusals_to_be_one_person([held("a")], [held("b")])) == []
    # What only the others share is no matter of this record.
    assert codes(rules.refusals_to_be_one_person([held("b")], [held("a"), held("a")])) == []
    mine, theirs = held("a"), held("a", "South", ["started (paid)", "retained-1 (eligible)"])
    other = held("b", "West", ["completed (eligible)"])
    (refusal,) = rules.refusals_to_be_one_person([mine], [theirs, other])
    assert codes([refusal]) == [("base", "course-held-twice")]
    for part in ("North", "South", str(mine.application_id), str(theirs.application_id)):
        assert part in refusal.sentence
    assert "West" not in refusal.sentence
    assert refusal.obstacles == (
        f"a with South ({theirs.application_id}) has started (paid), retained-1 (eligible).",
    )


@pytest.mark.parametrize("status", ApplicationStatus.values)
@pytest.mark.parametrize("live", [(), ("started",)])
def test_reverting(status, live):
    expected = [("base", "not-decided")] * (status == "pending")
    expected += [("base", "declarations-conflict")] * bool(live)
    found = rules.refusals_to_revert(rules.Reversion(status=status, live_declarations=live))
    assert codes(found) == expected


@pytest.mark.parametrize("same_group", [True, False])
@pytest.mark.parametrize("live", [(), ("started",)])
@pytest.mark.parametrize("rivals", [(), ("started",)])
@pytest.mark.parametrize("holds_course", [True, False])
@pytest.mark.parametrize("schedules", [None, 0, 1, 2])
def test_changing_course(same_group, live, rivals, holds_course, schedules):
    change = rules.CourseChange(
        is_current=False,
        same_group=same_group,
        live_declarations=live,
        rival_declarations=rivals,
        holds_course=holds_course,
        schedules=schedules,
    )
    expected = [("base", "declarations-conflict")] * (bool(live) and not same_group)
    expected += [("course", "slot-taken")] * bool(rivals)
    expected += [("course", "already-accepted-elsewhere")] * holds_course
    expected += [("course", "no-single-schedule")] * (schedules in {0, 2})
    assert codes(rules.refusals_to_change_course(change)) == expected


def test_the_course_that_it_is_for_already():
    change = rules.CourseChange(
        is_current=True,
        same_group=True,
        live_declarations=["started"],
        rival_declarations=["started"],
        holds_course=True,
        schedules=2,
    )
    assert codes(rules.refusals_to_change_course(change)) == [("course", "nothing-changes")]


FUNDINGS = [
    rules.Funding(True, None),
    rules.Funding(False, None),
    rules.Funding(False, "previously-funded"),
    rules.Funding(False, "establishment-ineligible"),
]


@pytest.mark.parametrize("current", FUNDINGS)
@pytest.mark.parametrize("new", [*FUNDINGS, rules.Funding(True, "previously-funded")])
@pytest.mark.parametrize("settled", [(), ("started",)])
def test_changing_funding(current, new, settled):
    reasonless = new.eligible and new.ineligible_reason is not None
    expected = [("ineligible_for_funding_reason", "invalid")] * reasonless
    expected += [("base", "nothing-changes")] * (current == new)
    moves_money = current.eligible != new.eligible
    expected += [("base", "declarations-conflict")] * (moves_money and bool(settled))
    found = rules.refusals_to_change_funding(current, new, settled_declarations=settled)
    assert codes(found) == expected


@pytest.mark.parametrize(
    ("withdrawn_at", "accepted_at", "later", "expected"),
    [
        (AT, None, (), []),
        (AT, AT, (), []),
        (AT + SECOND, AT, (), [("withdrawn_on", "date-in-future")]),
        (AT - SECOND, AT, (), [("withdrawn_on", "date-before-acceptance")]),
        (AT, AT, ("started",), [("withdrawn_on", "declarations-conflict")]),
    ],
)
def test_dating_a_withdrawal(withdrawn_at, accepted_at, later, expected):
    found = rules.refusals_to_withdraw_at(
        withdrawn_at, now=AT, accepted_at=accepted_at, later_declarations=later
    )
    assert codes(found) == expected


@pytest.mark.parametrize("status", [None, *TrainingStatus.values])
@pytest.mark.parametrize("holds_course", [True, False])
@pytest.mark.parametrize("rivals", [(), ("started",)])
def test_reinstating(status, holds_course, rivals):
    if status != WITHDRAWN:
        expected = [("base", "not-withdrawn")]
    elif holds_course:
        expected = [("base", "already-accepted-elsewhere")]
    else:
        expected = [("base", "slot-taken")] * bool(rivals)
    refusal = rules.refusal_to_reinstate(
        status, holds_course=holds_course, rival_declarations=rivals
    )
    assert codes([refusal]) == expected
