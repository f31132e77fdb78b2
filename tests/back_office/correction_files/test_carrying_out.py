"""What becomes of the rows of a file: checked, carried out, refused, held back (rules 14.16)."""

from uuid import UUID

import pytest

from npq_portal.back_office.correction_files import services
from npq_portal.back_office.corrections.preview import carry_out
from npq_portal.back_office.models import Correction, CorrectionFile
from tests.back_office.correction_files.conftest import (
    ALL_OR_NOTHING,
    HEADER,
    UNKNOWN,
    page_of,
    refusals,
    states,
    withdrawals,
    written,
)
from tests.back_office.corrections.conftest import counts
from tests.factories.participants import ParticipantFactory
from tests.participants.corrections.conftest import DATED, declare

CHANGED = "Somebody changed these records since you looked"


def is_withdrawn(application):
    application.refresh_from_db()
    return application.is_withdrawn


def test_a_refused_row_says_why_and_the_others_are_carried_out(caseworker, people, enrol, spring):
    declared = enrol(participant=ParticipantFactory())
    declare(declared, date=DATED)
    content = withdrawals(people[0], UNKNOWN, declared, people[1], day="2021-11-30")
    file = caseworker.check("withdraw", content)
    assert states(file) == ["ready", "refused", "refused", "ready"]
    unknown, later = refusals(file)
    assert unknown == f"There is no application {UNKNOWN}."
    assert "started" in later
    page = caseworker.look_at(file).content.decode()
    assert "2 of 4 rows can be carried out" in page
    assert unknown in page
    caseworker.run(file)
    assert states(file) == ["done", "refused", "refused", "done"]
    assert [is_withdrawn(it) for it in (people[0], people[1], declared)] == [True, True, False]


def test_a_schedule_that_there_is_not_is_refused_in_words(caseworker, people):
    header = ("application_id", "schedule_identifier", "cohort")
    rows = [(people[0].pk, "npq-nothing", "2021"), (people[1].pk, "npq-leadership-autumn", "2021")]
    file = caseworker.check("change-schedule", written(header, *rows))
    unknown, current = refusals(file)
    assert unknown == "Cohort 2021 has no schedule 'npq-nothing'."
    assert "npq-leadership-autumn" in current


def test_nothing_can_be_confirmed_where_no_row_is_ready(caseworker):
    file = caseworker.check("withdraw", withdrawals(UNKNOWN))
    assert "Confirm:" not in caseworker.look_at(file).content.decode()
    assert "No row can be carried out." in caseworker.confirm(file).content.decode()
    file.refresh_from_db()
    assert file.state == "checked"


def test_a_file_that_is_being_checked_cannot_be_confirmed(caseworker, people):
    file = caseworker.upload("withdraw", withdrawals(*people))
    assert "still being checked" in caseworker.confirm(file).content.decode()
    assert caseworker.drive(file).state == "checked"


def test_all_or_nothing_is_all(caseworker, people):
    file = caseworker.check("withdraw", withdrawals(*people), **ALL_OR_NOTHING)
    caseworker.run(file)
    assert (file.state, states(file)) == ("done", ["done"] * 3)
    assert all(map(is_withdrawn, people))
    assert Correction.objects.count() == 3


def test_all_or_nothing_is_not_confirmed_with_a_refused_row(caseworker, people):
    file = caseworker.check("withdraw", withdrawals(*people, UNKNOWN), **ALL_OR_NOTHING)
    page = caseworker.look_at(file).content.decode()
    assert "Confirm:" not in page
    assert "not every row can be carried out" in page
    assert "not every row can be carried out" in caseworker.confirm(file).content.decode()
    assert caseworker.drive(file).state == "checked"
    assert not Correction.objects.exists()


def test_all_or_nothing_is_nothing_when_somebody_was_faster(caseworker, colleague, people):
    file = caseworker.check("withdraw", withdrawals(*people), **ALL_OR_NOTHING)
    funding = {"ineligible_for_funding_reason": "previously-funded"}
    colleague.desk.correct("change-funding", people[1], **funding)
    before = counts()
    caseworker.run(file)
    assert counts() == before
    assert (file.state, states(file)) == ("done", ["held-back", "refused", "held-back"])
    assert CHANGED in refusals(file)[0]
    page = caseworker.look_at(file).content.decode()
    assert "Nothing was changed: it was all or nothing, and 1 of 3 rows were refused" in page
    assert page.count("Held back: the file is all or nothing, and another row was refused.") == 2
    assert "<ins>" not in page
    results = caseworker.client.get(page_of(file, "results")).getvalue().decode().splitlines()
    assert len(results) == 4
    assert all("Held back:" in row or CHANGED in row for row in results[1:])
    assert not any("Active > Withdrawn" in row for row in results)


def test_all_or_nothing_is_for_a_limited_number_of_rows(caseworker):
    ids = [UUID(int=it) for it in range(1, 102)]
    answer = caseworker.send("withdraw", withdrawals(*ids), **ALL_OR_NOTHING)
    assert "At most 100 rows" in answer.context["form"].errors.as_text()
    assert not CorrectionFile.objects.exists()
    caseworker.upload("withdraw", withdrawals(*ids))


def test_who_was_changed_meanwhile_is_told_and_the_others_go_through(caseworker, people, api):
    file = caseworker.check("withdraw", withdrawals(*people))
    answer = api(
        people[1].lead_provider,
        "PUT",
        f"/participants/npq/{people[1].participant_id}/defer",
        {"course_identifier": people[1].course.identifier, "reason": "other"},
    )
    assert answer.status_code == 200
    caseworker.run(file)
    assert states(file) == ["done", "refused", "done"]
    assert CHANGED in refusals(file)[0]
    assert [is_withdrawn(it) for it in people] == [True, False, True]


@pytest.fixture
def one_person(enrol, senior):
    """Return two enrolments of one person, and one of somebody else."""
    first = enrol()
    other = enrol(participant=ParticipantFactory())
    return [first, other, enrol(participant=first.participant, course=senior)]


def test_rows_about_one_person_are_checked_as_they_will_be_carried_out(caseworker, one_person):
    file = caseworker.check("withdraw", withdrawals(*one_person))
    assert states(file) == ["ready"] * 3
    caseworker.run(file)
    assert states(file) == ["done"] * 3


def test_records_with_one_trn_are_one_person(caseworker, enrol, same_person, senior):
    first = enrol()
    second = same_person(first, course=senior)
    file = caseworker.run(caseworker.check("withdraw", withdrawals(first, second)))
    assert states(file) == ["done"] * 2


def test_declarations_of_one_person_are_voided_in_one_file(caseworker, enrolment):
    declarations = [declare(enrolment), declare(enrolment, "retained-1")]
    file = caseworker.check("void", written(["declaration_id"], *([it.pk] for it in declarations)))
    page = caseworker.look_at(file).content.decode()
    assert enrolment.participant.full_name in page
    caseworker.run(file)
    assert states(file) == ["done"] * 2


def test_after_a_refused_row_the_later_ones_of_the_person_are_told(caseworker, one_person):
    file = caseworker.check("withdraw", withdrawals(*one_person))
    # What was confirmed for the first row is not what it would change now.
    file.rows.filter(number=2).update(fingerprint="0" * 64)
    caseworker.run(file)
    assert states(file) == ["refused", "done", "refused"]
    assert all(CHANGED in it for it in refusals(file))


def test_a_row_that_is_refused_in_the_check_does_not_count_for_the_later_ones(
    caseworker, one_person
):
    first, _other, second = one_person
    content = written(HEADER, (first.pk, "2031-01-01", "other"), (second.pk, "2021-12-05", "other"))
    file = caseworker.run(caseworker.check("withdraw", content))
    assert states(file) == ["refused", "done"]


def test_going_on_again_does_nothing_twice(caseworker, people):
    file = caseworker.run(caseworker.check("withdraw", withdrawals(*people)))
    before = counts()
    rows = list(file.rows.values())
    for _ in range(2):
        assert caseworker.go_on(file)["is_under_way"] is False
        assert "confirmed already" in caseworker.confirm(file).content.decode()
    assert counts() == before
    assert list(file.rows.values()) == rows


@pytest.mark.parametrize("is_all_or_nothing", [False, True])
def test_an_interrupted_run_keeps_what_is_done_and_goes_on(
    caseworker, people, monkeypatch, is_all_or_nothing
):
    values = ALL_OR_NOTHING if is_all_or_nothing else {}
    file = caseworker.check("withdraw", withdrawals(*people), **values)
    caseworker.confirm(file)
    calls = []

    def dying(*args, **kwargs):
        calls.append(args)
        made = carry_out(*args, **kwargs)
        if len(calls) == 2:
            raise SystemExit  # as a worker that is told to end
        return made

    with monkeypatch.context() as patched:
        patched.setattr("npq_portal.back_office.correction_files.running.carry_out", dying)
        with pytest.raises(SystemExit):
            caseworker.go_on(file)
    done = 0 if is_all_or_nothing else 1
    assert states(file) == ["done"] * done + ["ready"] * (3 - done)
    assert Correction.objects.count() == done
    assert caseworker.drive(file).state == "done"
    assert states(file) == ["done"] * 3
    assert Correction.objects.count() == 3


def test_an_interrupted_check_goes_on(caseworker, people, monkeypatch):
    monkeypatch.setattr(services, "ROWS_AT_ONCE", 1)
    file = caseworker.upload("withdraw", withdrawals(*people))
    assert caseworker.go_on(file) == {
        "is_under_way": True,
        "finished": 1,
        "total": 3,
        "in_words": "1 of 3 rows checked",
    }
    assert 'value="1"' in caseworker.look_at(file).content.decode()
    assert caseworker.drive(file).state == "checked"


def test_any_caseworker_goes_on_in_the_name_of_who_confirmed(caseworker, colleague, people):
    file = caseworker.check("withdraw", withdrawals(*people))
    colleague.confirm(file)
    caseworker.drive(file)
    assert {it.staff.username for it in Correction.objects.all()} == {"robin"}
    page = caseworker.look_at(file).content.decode()
    assert "by casey" in page
    assert "by robin" in page


def test_without_a_script_a_button_leads_back_to_the_page(caseworker, people):
    file = caseworker.upload("withdraw", withdrawals(*people))
    answer = caseworker.client.post(page_of(file, "go_on"))
    assert answer.status_code == 302
    assert answer["Location"] == page_of(file)
