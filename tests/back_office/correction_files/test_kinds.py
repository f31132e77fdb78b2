"""Each kind of correction that a file can hold, from the upload to the undo."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from npq_portal.back_office.correction_files.kinds import FILE_KINDS
from participants.models import Application
from tests.back_office.correction_files.conftest import (
    HEADER,
    page_of,
    states,
    withdrawals,
    written,
)
from tests.back_office.corrections.conftest import counts, facts
from tests.participants.corrections.conftest import NOW, WHY, declare


@dataclass(frozen=True)
class Case:
    """A file of one kind, the record of an enrolment that a row is about, and what it changes."""

    kind: str
    header: tuple[str, ...]
    cells: tuple[str, ...]
    changes: dict[str, tuple[str, str]]
    record_of: Callable[[Application], Any] = lambda enrolment: enrolment


CASES = [
    Case(
        "withdraw",
        HEADER,
        ("2021-12-05", "other"),
        {"training status": ("Active", "Withdrawn"), "withdrawal": ("none", "5 Dec 2021, other")},
    ),
    Case(
        "change-schedule",
        ("application_id", "schedule_identifier", "cohort"),
        ("npq-leadership-spring", "2021"),
        {"schedule": ("npq-leadership-autumn (2021)", "npq-leadership-spring (2021)")},
    ),
    Case(
        "change-funding",
        ("application_id", "eligible_for_funding", "ineligible_for_funding_reason"),
        ("false", "previously-funded"),
        {"funding": ("eligible", "not eligible: previously-funded")},
    ),
    Case(
        "change-funding",
        ("application_id", "eligible_for_funding"),
        ("FALSE",),
        {"funding": ("eligible", "not eligible")},
    ),
    Case(
        "revert",
        ("application_id",),
        (),
        {
            "status": ("Accepted", "Pending"),
            "accepted": ("1 Oct 2021", "none"),
            "schedule": ("npq-leadership-autumn (2021)", "none"),
            "training status": ("Active", "none"),
        },
    ),
    Case("void", ("declaration_id",), (), {"state": ("Eligible", "Voided")}, record_of=declare),
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda it: f"{it.kind} {it.cells}")


@each_case
def test_each_kind_is_checked_and_carried_out(case, caseworker, people, spring):
    records = [case.record_of(it) for it in people]
    before = counts()
    rows = [(it.pk, *case.cells) for it in records]
    file = caseworker.check(case.kind, written(case.header, *rows))
    assert counts() == before
    assert (file.state, states(file)) == ("checked", ["ready"] * 3)
    for row in file.rows.all():
        changes = {it["name"]: (it["before"], it["after"]) for it in row.differences}
        assert changes == case.changes
    caseworker.run(file)
    assert (file.state, states(file)) == ("done", ["done"] * 3)
    for record, row in zip(records, file.rows.order_by("number"), strict=True):
        correction = row.correction
        assert (correction.kind, correction.record_id) == (case.kind, record.pk)
        assert (correction.reason, correction.staff.username, correction.at) == (WHY, "casey", NOW)
        newest = record.events.latest("id")
        assert (newest.staff.username, newest.reason) == ("casey", WHY)
    after = facts()
    changed = [(before[0].facts[it].value, after[it]) for it in after]
    assert sorted(it for it in changed if it[0] != it[1]) == sorted([*case.changes.values()] * 3)


def test_every_kind_that_a_file_can_hold_is_tested():
    assert {case.kind for case in CASES} == set(FILE_KINDS)


def test_a_correction_of_a_file_is_undone_like_any_other(caseworker, people):
    before = facts()
    file = caseworker.run(caseworker.check("withdraw", withdrawals(*people)))
    page = f"/admin/back_office/correction/{file.rows.first().correction.pk}/change/"
    assert page_of(file) in caseworker.client.get(page).content.decode()
    for row in file.rows.all():
        caseworker.desk.undo(row.correction)
    assert facts() == before
