from datetime import UTC, datetime

import pytest

from npq_portal.errors import BASE, ErrorCode
from participants import rules
from participants.choices import TrainingStatus

ACTIVE, DEFERRED, WITHDRAWN = TrainingStatus.values
STARTS = datetime(2022, 1, 1, tzinfo=UTC)
SPRING = {
    "identifier": "npq-leadership-spring",
    "is_current": False,
    "is_for_course_group": True,
    "declaration_types": {"started", "completed"},
    "starts_at": STARTS,
}


@pytest.mark.parametrize(
    ("decide", "codes"),
    [
        (
            rules.refusal_to_withdraw,
            {ACTIVE: None, DEFERRED: None, WITHDRAWN: ErrorCode.ALREADY_WITHDRAWN},
        ),
        (
            rules.refusal_to_defer,
            {
                ACTIVE: None,
                DEFERRED: ErrorCode.ALREADY_DEFERRED,
                WITHDRAWN: ErrorCode.ALREADY_WITHDRAWN,
            },
        ),
        (
            rules.refusal_to_resume,
            {
                ACTIVE: ErrorCode.NOT_DEFERRED,
                DEFERRED: None,
                WITHDRAWN: ErrorCode.ALREADY_WITHDRAWN,
            },
        ),
        (
            rules.refusal_to_change_schedule,
            {ACTIVE: None, DEFERRED: None, WITHDRAWN: ErrorCode.ALREADY_WITHDRAWN},
        ),
    ],
)
def test_every_training_status_allows_or_refuses_every_command(decide, codes):
    assert set(codes) == set(TrainingStatus.values)
    for status, code in codes.items():
        refusal = decide(status)
        assert (refusal and refusal.code) == code
        assert refusal is None or refusal.attribute == BASE


def test_the_misprinted_reason_is_read_as_the_clean_one_and_no_other_is_changed():
    clean = "quality-of-programme-structure-not-suitable"
    assert rules.clean_withdrawal_reason(f"{clean}.") == clean
    assert rules.clean_withdrawal_reason(clean) == clean
    assert rules.clean_withdrawal_reason("other.") == "other."


def declared(declaration_type, day):
    return rules.CountedDeclaration(declaration_type, datetime(2022, 1, day, tzinfo=UTC))


def refused(declarations=(), **changes):
    new = rules.NewSchedule(**{**SPRING, **changes})
    return {(it.attribute, it.code.value) for it in rules.refusals_to_move(new, declarations)}


def test_a_move_to_a_schedule_of_the_group_is_allowed():
    assert refused() == set()
    assert refused([declared("started", 1), declared("completed", 2)]) == set()


@pytest.mark.parametrize(
    ("changes", "declarations", "refusal"),
    [
        ({"is_current": True}, [], ("schedule_identifier", "already-on-schedule")),
        ({"is_for_course_group": False}, [], ("schedule_identifier", "schedule-not-for-course")),
        ({}, [declared("retained-1", 2)], ("schedule_identifier", "declarations-conflict")),
        (
            {"starts_at": datetime(2022, 1, 2, tzinfo=UTC)},
            [declared("started", 1)],
            ("schedule_identifier", "declarations-conflict"),
        ),
    ],
)
def test_a_move_that_a_rule_forbids_is_refused(changes, declarations, refusal):
    assert refused(declarations, **changes) == {refusal}


def test_the_cohort_changes_unless_there_are_declarations():
    assert list(rules.refusals_to_change_cohort([])) == []
    (held,) = rules.refusals_to_change_cohort([declared("started", 2)])
    assert (held.attribute, held.code) == ("cohort", ErrorCode.COHORT_HELD_BY_DECLARATIONS)
