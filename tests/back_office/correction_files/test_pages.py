"""Uploading, discarding, downloading and looking at files of corrections."""

import csv
from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
import time_machine

from npq_portal.back_office.correction_files.kinds import FILE_KINDS
from npq_portal.back_office.models import CorrectionFile, CorrectionFileRow
from tests.back_office.correction_files.conftest import (
    ADD,
    HEADER,
    UNKNOWN,
    FileDesk,
    page_of,
    refusals,
    withdrawals,
    written,
)
from tests.participants.corrections.conftest import NOW

MOMENT = timedelta(microseconds=1)


def test_a_file_that_was_not_confirmed_is_discarded(caseworker, people):
    file = caseworker.check("withdraw", withdrawals(*people))
    answer = caseworker.client.post(page_of(file, "discard"), follow=True)
    assert "Nothing was changed" in answer.content.decode()
    assert not CorrectionFile.objects.exists()
    assert not CorrectionFileRow.objects.exists()
    for name in ("go_on", "confirm", "discard"):
        assert caseworker.client.post(page_of(file, name)).status_code == 404


def test_a_file_that_was_confirmed_stays(caseworker, people):
    file = caseworker.check("withdraw", withdrawals(*people))
    caseworker.confirm(file)
    answer = caseworker.client.post(page_of(file, "discard"), follow=True)
    assert "confirmed already" in answer.content.decode()
    assert caseworker.drive(file).state == "done"


def test_what_nobody_confirms_in_a_month_is_forgotten_with_the_next_upload(
    caseworker, colleague, people
):
    forgotten, confirmed = (caseworker.check("withdraw", withdrawals(it)) for it in people[:2])
    caseworker.confirm(confirmed)
    month = timedelta(days=30)
    for age, kept in ((month, {forgotten, confirmed}), (month + MOMENT, {confirmed})):
        with time_machine.travel(NOW + age, tick=False):
            newest = FileDesk(colleague.user).upload("withdraw", withdrawals(people[2]))
        kept_then = set(CorrectionFile.objects.filter(uploaded_at=NOW))
        assert kept_then == kept
        assert newest.state == "checking"


@pytest.mark.parametrize(
    ("values", "field", "told"),
    [
        ({"kind": "merge"}, "kind", "not one of the available choices"),
        ({"kind": ""}, "kind", "required"),
        ({"content": b""}, "file", "empty"),
        ({"content": b"application_id\n7"}, "file", "Row 1, withdrawn_on: is missing."),
        ({"why": " "}, "reason", "required"),
        ({"why": "x" * 2001}, "reason", "at most 2000"),
    ],
)
def test_a_faulty_upload_is_told_and_nothing_is_kept(caseworker, enrolment, values, field, told):
    given = {"kind": "withdraw", "content": withdrawals(enrolment), **values}
    answer = caseworker.send(**given)
    assert answer.status_code == 200
    assert told in str(answer.context["form"].errors[field])
    assert f'href="#id_{field}"' in answer.content.decode()
    assert not CorrectionFile.objects.exists()


def test_of_many_faults_fifty_are_told(caseworker):
    answer = caseworker.send("revert", written(["application_id"], *([it] for it in range(70))))
    told = answer.context["form"].errors["file"]
    assert len(told) == 51
    assert told[0] == "Row 2, application_id: '0' is not a UUID."
    assert told[-1] == "And 20 more."


def test_what_is_in_a_file_is_text_on_its_page(caseworker):
    content = written(["application_id"], ["<script>alert(1)</script>"])
    answer = caseworker.send("revert", content, name="<b>.csv").content.decode()
    assert "<script>alert" not in answer


@pytest.mark.parametrize("role", ["viewer", "finance", "administrator"])
def test_only_caseworkers_correct_many_at_once(role, member, caseworker, people):
    file = caseworker.check("withdraw", withdrawals(*people))
    other = FileDesk(member(role))
    assert other.send("withdraw", withdrawals(*people)).status_code == 403
    for name in ("go_on", "confirm", "discard"):
        assert other.client.post(page_of(file, name)).status_code == 403
    for name in ("change", "results"):
        assert other.client.get(page_of(file, name)).status_code == 403
    assert (
        other.client.get("/admin/back_office/correctionfile/template/revert.csv").status_code == 403
    )
    assert "Correct many at once" not in other.client.get("/admin/").content.decode()
    file.refresh_from_db()
    assert file.state == "checked"


def test_the_way_there_is_on_the_front_page_and_above_the_corrections(caseworker):
    for path in ("/admin/", "/admin/back_office/correction/", "/admin/back_office/correctionfile/"):
        assert f'href="{ADD}"' in caseworker.client.get(path).content.decode()


def cells(answer):
    return list(csv.reader(StringIO(b"".join(answer.streaming_content).decode())))


@pytest.mark.parametrize("slug", FILE_KINDS)
def test_a_template_can_be_filled_in_and_uploaded(slug, caseworker):
    path = f"/admin/back_office/correctionfile/template/{slug}.csv"
    assert path in caseworker.client.get(ADD).content.decode()
    answer = caseworker.client.get(path)
    assert answer["Content-Disposition"] == f'attachment; filename="{slug}.csv"'
    file = caseworker.check(slug, written(*cells(answer)))
    assert refusals(file)[0].startswith("There is no ")


def test_there_is_no_template_of_what_no_file_holds(caseworker):
    path = "/admin/back_office/correctionfile/template/merge.csv"
    assert caseworker.client.get(path).status_code == 404


def test_the_results_can_be_downloaded(caseworker, people):
    file = caseworker.run(caseworker.check("withdraw", withdrawals(people[0], UNKNOWN)))
    header, done, refused = cells(caseworker.client.get(page_of(file, "results")))
    assert header == ["row", *HEADER, "result", "refusals", "changes"]
    assert done[:6] == ["2", str(people[0].pk), "2021-12-05", "other", "done", ""]
    assert "training status: Active > Withdrawn" in done[6]
    assert refused[4:6] == ["refused", f"There is no application {UNKNOWN}."]


def test_no_cell_of_the_results_is_a_formula(caseworker, people):
    header = ("application_id", "schedule_identifier", "cohort")
    formula = '=HYPERLINK("http://example.org")'
    file = caseworker.check("change-schedule", written(header, (people[0].pk, formula, "2021")))
    _header, row = cells(caseworker.client.get(page_of(file, "results")))
    assert row[2] == f"'{formula}"


def test_the_rows_are_paged_and_narrowed_by_what_they_came_to(caseworker, people, monkeypatch):
    monkeypatch.setattr("npq_portal.back_office.correction_files.pages.ROWS_PER_PAGE", 2)
    file = caseworker.check("withdraw", withdrawals(*people, UNKNOWN))

    def numbers(**query):
        return [row.number for row, _person in caseworker.look_at(file, **query).context["rows"]]

    assert numbers() == [2, 3]
    assert numbers(page=2) == [4, 5]
    assert numbers(page="x", state="so") == [2, 3]
    assert numbers(state="refused") == [5]
    assert numbers(state="ready", page=2) == [4]
    assert people[0].participant.full_name in caseworker.look_at(file).content.decode()


def test_a_thousand_rows_take_no_more_queries_than_two(
    caseworker, people, django_assert_max_num_queries
):
    ids = [UUID(int=it) for it in range(1, 999)]
    with django_assert_max_num_queries(40):
        file = caseworker.upload("withdraw", withdrawals(*people[:2], *ids))
    assert file.rows.count() == 1000
    few = caseworker.check("withdraw", withdrawals(people[2], UNKNOWN))
    file.rows.update(state="refused")
    CorrectionFile.objects.update(state="checked")
    asked = []
    for it in (few, file):
        with django_assert_max_num_queries(40) as queries:
            caseworker.look_at(it)
        asked.append(len(queries))
    assert asked[0] == asked[1]
    with django_assert_max_num_queries(12):
        assert len(cells(caseworker.client.get(page_of(file, "results")))) == 1001
