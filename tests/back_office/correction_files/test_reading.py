"""What is read in a file of corrections, and what is told of one that is faulty."""

import csv
from io import StringIO
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from npq_portal.back_office.correction_files import reading
from npq_portal.back_office.correction_files.kinds import FILE_KINDS
from npq_portal.back_office.correction_files.reading import MOST_ROWS, read_file
from npq_portal.clock import parse_day
from participants.choices import WithdrawalReason

ONE = "01a20c40-c3a1-7d31-9d0e-2b8f64f0a7c5"
TWO = "01a20c40-c3a1-7d31-9d0e-2b8f64f0a7c6"
WITHDRAW = FILE_KINDS["withdraw"].columns
FUNDING = FILE_KINDS["change-funding"].columns
REVERT = FILE_KINDS["revert"].columns
HEADER = "application_id,withdrawn_on,withdrawal_reason"


def read(text, columns=WITHDRAW):
    found = read_file(text if isinstance(text, bytes) else text.encode(), columns)
    assert bool(found.rows) or bool(found.faults)
    return found


def rows(text, columns=WITHDRAW):
    found = read(text, columns)
    assert found.faults == []
    return [(it.number, str(it.record_id), it.values) for it in found.rows]


def faults(text, columns=WITHDRAW):
    return [str(it) for it in read(text, columns).faults]


LEFT = {"withdrawn_on": "2021-12-05", "withdrawal_reason": "other"}


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_commas_and_semicolons_with_and_without_a_mark(mark, separator, end):
    lines = [HEADER, f"{ONE},2021-12-05,other", f'{TWO},"2021-12-05", other ', ""]
    text = mark + end.join(lines).replace(",", separator)
    assert rows(text) == [(2, ONE, LEFT), (3, TWO, LEFT)]


def test_columns_come_in_any_order_and_blank_rows_are_passed_over():
    text = (
        f"withdrawal_reason,application_id,withdrawn_on\n\n,,\nother,{ONE.upper()},2021-12-05\n,,"
    )
    assert rows(text) == [(4, ONE, LEFT)]


def test_an_optional_column_may_be_empty_or_missing():
    assert rows(f"application_id,eligible_for_funding\n{ONE},TRUE", FUNDING) == [
        (2, ONE, {"eligible_for_funding": "true"})
    ]
    header = "application_id,eligible_for_funding,ineligible_for_funding_reason"
    assert rows(f"{header}\n{ONE},false,", FUNDING) == [
        (2, ONE, {"eligible_for_funding": "false", "ineligible_for_funding_reason": ""})
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", [f"row 1, {name}: is missing." for name in HEADER.split(",")]),
        (HEADER, ["row 2: there is no row to carry out."]),
        (f"{HEADER}\n\n,,\n", ["row 2: there is no row to carry out."]),
        (f"{HEADER},why\n", ["row 1, why: is unknown."]),
        (f"{HEADER},\n", ["row 1, column 4: has no name."]),
        (f"{HEADER},withdrawn_on\n", ["row 1, withdrawn_on: comes twice."]),
        (f"{HEADER}\n{ONE},2021-12-05", ["row 2, withdrawal_reason: the row has 2 cells, not 3."]),
        (f'{HEADER}\n{ONE},"2021', ["row 2: is not CSV: unexpected end of data."]),
        (f"{HEADER}\n,2021-12-05,other", ["row 2, application_id: is missing."]),
        (f"{HEADER}\n7,2021-12-05,other", ["row 2, application_id: '7' is not a UUID."]),
        (
            f"{HEADER}\n{ONE},31/13/2021,other",
            ["row 2, withdrawn_on: '31/13/2021' is not a day such as 2026-01-31 or 31/01/2026."],
        ),
        (
            f"{HEADER}\n{ONE},{'1' * 101},other",
            ["row 2, withdrawn_on: has more than 100 characters."],
        ),
        (
            f"{HEADER}\n{ONE},2021-12-05,oth\0er",
            ["row 2, withdrawal_reason: has a character that cannot be printed."],
        ),
        (
            f"{HEADER}\n{ONE},2021-12-05,other\n{TWO},2021-12-05,other\n{ONE.upper()},x,other",
            [
                "row 4, withdrawn_on: 'x' is not a day such as 2026-01-31 or 31/01/2026.",
                "row 4, application_id: comes in row 2 already.",
            ],
        ),
        (HEADER.encode() + b"\n" + ONE.encode() + b",2021-12-05,\xe9\n", ["row 2: is not UTF-8."]),
        (HEADER.encode("utf-16"), ["row 1: is not UTF-8."]),
        (b"x" * 1_000_001, ["row 1: the file has more than 1,000,000 bytes."]),
    ],
)
def test_what_is_wrong_is_told_with_row_and_column(text, told):
    assert faults(text) == told


def test_all_faults_are_told_at_once():
    text = f"{HEADER}\n7,2021,so\n{ONE},2021-12-05,other\n8,2021-12-05,other"
    assert [it.split(":")[0] for it in faults(text)] == [
        "row 2, application_id",
        "row 2, withdrawn_on",
        "row 2, withdrawal_reason",
        "row 4, application_id",
    ]


def test_as_many_rows_as_may_be_and_no_more():
    lines = ["application_id", *(str(UUID(int=it)) for it in range(1, MOST_ROWS + 1))]
    assert len(rows("\n".join(lines), REVERT)) == MOST_ROWS
    lines += [str(UUID(int=it)) for it in range(MOST_ROWS + 1, MOST_ROWS + 9)]
    assert faults("\n".join(lines), REVERT) == [
        "row 1002: the file has more than 1,000 rows. Split it."
    ]


@pytest.mark.parametrize(
    ("reader", "good", "bad"),
    [
        (reading.identifier, {ONE: ONE, ONE.upper(): ONE}, ["", "7", f"{{{ONE}}}", ONE + "0"]),
        (
            reading.day,
            {"2024-02-29": "2024-02-29", "28/11/2026": "2026-11-28", "1/2/2026": "2026-02-01"},
            ["2023-02-29", "2024-2-29", "20240229", "²", "31/02/2026", "1/2/26", "11/28/2026"],
        ),
        (reading.year, {"2021": "2021"}, ["0021", "21", "20210", "２０２１", "-202"]),
        (reading.yes_or_no, {"TRUE": "true", "false": "false"}, ["yes", "1", ""]),
        (reading.one_of(["a", "b"]), {"a": "a"}, ["A", "", "ab"]),
    ],
)
def test_cells(reader, good, bad):
    assert {text: reader(text) for text in good} == good
    for text in bad:
        with pytest.raises(ValueError, match="is n"):
            reader(text)


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_faults(content):
    read(content)
    read(b"application_id\n" + content, REVERT)


@given(
    st.lists(
        st.tuples(
            st.uuids(),
            st.dates().map(str),
            st.sampled_from(WithdrawalReason.values),
        ),
        min_size=1,
        unique_by=lambda it: it[0],
    ),
    st.sampled_from(",;"),
    st.booleans(),
    st.permutations(HEADER.split(",")),
)
def test_what_was_written_is_read(given_rows, separator, has_mark, order):
    text = StringIO()
    writer = csv.DictWriter(text, order, delimiter=separator)
    writer.writeheader()
    writer.writerows(dict(zip(HEADER.split(","), it, strict=True)) for it in given_rows)
    content = text.getvalue().encode("utf-8-sig" if has_mark else "utf-8")
    assert [(it.record_id, *it.values.values()) for it in read(content).rows] == given_rows


@given(st.text(max_size=40))
def test_a_cell_that_is_kept_is_one_that_the_service_understands(text):
    row = StringIO()
    csv.writer(row).writerow([ONE, text, "other"])
    for it in read(f"{HEADER}\n{row.getvalue()}").rows:
        assert parse_day(it.values["withdrawn_on"]) is not None


@pytest.mark.parametrize("kind", FILE_KINDS.values(), ids=FILE_KINDS)
def test_the_example_of_each_column_can_be_read(kind):
    assert [it.read(it.example) for it in kind.columns] == [it.example for it in kind.columns]
