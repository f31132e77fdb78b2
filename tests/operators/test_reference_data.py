import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from declarations.models import ContractPrice, PaymentPeriod
from schedules.models import Cohort, Course, CourseGroup, Milestone, Schedule
from tests.factories.providers import LeadProviderFactory

pytestmark = pytest.mark.django_db


def write(folder, **files):
    paths = []
    for name, text in files.items():
        path = folder / f"{name}.csv"
        path.write_text(text)
        paths.append(str(path))
    return paths


def test_the_shipped_data_is_that_of_the_rules_and_loads_twice(capsys):
    call_command("load_reference_data")
    counts = [model.objects.count() for model in (Cohort, CourseGroup, Course, Schedule, Milestone)]
    assert counts == [1, 4, 10, 9, 34]
    capsys.readouterr()
    call_command("load_reference_data")
    out, err = capsys.readouterr()
    assert out == ""
    assert "courses.csv: 0 added, 10 known, 0 known with other values, 0 changed." in err
    assert Course.history.count() == 10


def test_history_names_the_command():
    call_command("load_reference_data")
    assert Cohort.history.get().history_change_reason == "load_reference_data"


def test_files_load_in_the_order_of_their_dependencies(tmp_path):
    files = write(
        tmp_path,
        courses="short_name,identifier,name,group\nA,npq-a,Course A,new\n",
        course_groups="name,has_outcomes\nnew,true\n",
    )
    call_command("load_reference_data", *files)
    assert Course.objects.get().group.name == "new"


def test_a_differing_row_is_left_and_reported(tmp_path, capsys):
    CourseGroup.objects.create(name="ASO", has_outcomes=True)
    call_command(
        "load_reference_data", *write(tmp_path, course_groups="name,has_outcomes\nASO,false\n")
    )
    assert CourseGroup.objects.get().has_outcomes is True
    err = capsys.readouterr().err
    assert "row 2 (ASO): has_outcomes is True, the file says False" in err


def test_every_bad_row_is_reported_and_nothing_is_written(tmp_path):
    files = write(
        tmp_path,
        cohorts="start_year\n2022\n22\n",
        schedules="cohort,identifier,group,accepted_from,accepted_until\n2022,s,none,1.1.22,\n",
    )
    with pytest.raises(CommandError) as caught:
        call_command("load_reference_data", *files)
    faults = str(caught.value)
    assert f"{files[0]} row 3, start_year: " in faults
    assert f"{files[1]} row 2, group: " in faults
    assert f"{files[1]} row 2, accepted_from: " in faults
    assert caught.value.returncode == 1
    assert not Cohort.objects.exists()


@pytest.mark.parametrize("header", ["start_year,colour", "colour", "start_year,start_year"])
def test_columns_have_to_be_the_known_ones(tmp_path, header):
    with pytest.raises(CommandError, match="row 1, "):
        call_command("load_reference_data", *write(tmp_path, cohorts=f"{header}\n2022,1\n"))


def test_other_names_and_missing_files_are_refused(tmp_path):
    with pytest.raises(CommandError, match="not a name of reference data"):
        call_command("load_reference_data", str(tmp_path / "colours.csv"))
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_reference_data", str(tmp_path / "cohorts.csv"))


PRICES = "provider,cohort,course,price_per_participant\n"


@pytest.fixture
def north(db):
    call_command("load_reference_data")
    return LeadProviderFactory(name="North")


def test_contract_prices_are_loaded_once_and_never_overwritten(north, tmp_path, capsys):
    (file,) = write(tmp_path, contract_prices=f"{PRICES}North,2021,npq-headship,812.50\n")
    for said in ("1 added, 0 known", "0 added, 1 known"):
        call_command("load_reference_data", file)
        assert said in capsys.readouterr().err
    (file,) = write(tmp_path, contract_prices=f"{PRICES}North,2021,npq-headship,900\n")
    call_command("load_reference_data", file)
    assert "£812.50 for npq-headship with North, not £900.00." in capsys.readouterr().err
    price = ContractPrice.objects.get()
    assert price.price_per_participant == Decimal("812.50")
    assert price.history.get().history_change_reason == "load_reference_data"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("South,2021,npq-headship,1", "provider"),
        ("North,2022,npq-headship,1", "cohort"),
        ("North,2021,npq-juggling,1", "course"),
        *(
            (f"North,2021,npq-headship,{price}", "price_per_participant")
            for price in ("", "0", "0.00", "-1", "1.5", "1e3", "£1", "12345678", "NaN")
        ),
    ],
)
def test_a_bad_contract_price_is_told(north, tmp_path, row, column):
    (file,) = write(tmp_path, contract_prices=f"{PRICES}{row}\n")
    with pytest.raises(CommandError, match=f"row 2, {column}: "):
        call_command("load_reference_data", file)
    assert not ContractPrice.objects.exists()


COURSES = """
npq-senior-leadership              NPQSL    leadership
npq-headship                       NPQH     leadership
npq-executive-leadership           NPQEL    leadership
npq-early-years-leadership         NPQEYL   leadership
npq-leading-teaching-development   NPQLTD   specialist
npq-leading-teaching               NPQLT    specialist
npq-leading-behaviour-culture      NPQLBC   specialist
npq-leading-literacy               NPQLL    specialist
npq-additional-support-offer       ASO      ASO
npq-early-headship-coaching-offer  EHCO     EHCO
"""
SCHEDULES = """
npq-leadership-autumn  leadership  2021-11-01  open        2021-12-25  2021-12-25
npq-leadership-spring  leadership  2022-01-01  2021-12-26  open        2022-02-25
npq-specialist-autumn  specialist  2021-11-01  open        2021-12-25  2021-12-25
npq-specialist-spring  specialist  2022-01-01  2021-12-26  open        2022-02-25
npq-aso-november       ASO         2021-11-01  open        2021-11-30  2021-12-25
npq-aso-december       ASO         2021-12-01  2021-12-01  2022-02-28  2021-12-25
npq-aso-march          ASO         2022-03-01  2022-03-01  2022-05-31  2022-06-25
npq-aso-june           ASO         2022-06-01  2022-06-01  open        2022-06-25
npq-ehco-june          EHCO        2022-06-01  open        open        2022-06-25
"""
"""Identifier, group, start, accepted from and until, and the cut-off of ``started``."""
STATEMENTS = """
January 2022  2021-12-25  2022-01-25
March 2022    2022-02-25  2022-03-25
July 2022     2022-06-25  2022-07-25
October 2022  2022-10-25  2022-10-25
January 2023  2022-12-25  2023-01-25
March 2023    2023-02-25  2023-03-25
July 2023     2023-06-25  2023-07-25
October 2023  2023-10-25  2023-10-25
January 2024  2023-12-25  2024-01-25
"""
"""Period, deadline and payment date."""


def rows_of(table):
    return [tuple(re.split(r"  +", line)) for line in table.strip().splitlines()]


def day(text):
    return None if text == "open" else date.fromisoformat(text)


@pytest.fixture
def shipped(capsys):
    call_command("load_reference_data")


def test_the_shipped_courses_are_those_of_rules_2_1(shipped):
    courses = Course.objects.values_list("identifier", "short_name", "group__name")
    assert sorted(courses) == sorted(rows_of(COURSES))
    with_outcomes = CourseGroup.objects.filter(has_outcomes=True).values_list("name", flat=True)
    assert sorted(with_outcomes) == ["leadership", "specialist"]


def test_the_shipped_schedules_are_those_of_rules_2_2(shipped):
    fields = ("identifier", "group__name", "accepted_from", "accepted_until")
    expected = [
        (name, group, day(first), day(last))
        for name, group, _start, first, last, _cut_off in rows_of(SCHEDULES)
    ]
    assert sorted(Schedule.objects.values_list(*fields)) == sorted(expected)
    assert set(Schedule.objects.values_list("cohort__start_year", flat=True)) == {2021}


def test_the_shipped_milestones_are_those_of_rules_2_2_and_2_3(shipped):
    expected = {
        (name, kind, day(start), day(cut_off) if kind == "started" else None, None)
        for name, group, start, _first, _last, cut_off in rows_of(SCHEDULES)
        for kind in ("started", "retained-1", "retained-2", "completed")
        if (group, kind) != ("specialist", "retained-2")
    }
    fields = ("declaration_type", "start_date", "cut_off_date", "payment_date")
    assert set(Milestone.objects.values_list("schedule__identifier", *fields)) == expected


def test_every_provider_has_the_shipped_statements_of_rules_2_5(capsys):
    for name in ("Before", "After"):
        call_command("create_lead_provider", name)
        call_command("load_reference_data")
    fields = ("name", "deadline_date", "payment_date", "cohort__start_year")
    expected = {
        (name, day(deadline), day(payment), 2021) for name, deadline, payment in rows_of(STATEMENTS)
    }
    for provider in ("Before", "After"):
        periods = PaymentPeriod.objects.filter(statements__lead_provider__name=provider)
        assert set(periods.values_list(*fields)) == expected
    assert PaymentPeriod.objects.count() == len(expected)
