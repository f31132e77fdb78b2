import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command

from npq_portal.back_office.integrity import findings
from participants.models import Application, Participant, ParticipantListing
from schedules.models import Schedule
from tests.reference_data import load_reference_data
from tests.registration_service import as_csv, exported_rows

pytestmark = pytest.mark.django_db
NOW = datetime(2022, 9, 1, 12, tzinfo=UTC)
ACCEPTED = {"status": "accepted", "accepted_at": "2021-11-20"}


@pytest.fixture(autouse=True)
def providers():
    with time_machine.travel(NOW, tick=False):
        load_reference_data()
        for name in ("North", "South"):
            call_command("create_lead_provider", name, stdout=StringIO(), stderr=StringIO())
        yield


@pytest.fixture
def load(tmp_path):
    """Return a function that imports rows and answers the counts that are reported."""

    def run(*given, **options):
        rows = [
            {
                "full_name": "Ada",
                "email": f"ada{number}@example.org",
                "provider": "North",
                "course_identifier": "npq-headship",
                "cohort": "2021",
                **row,
            }
            for number, row in enumerate(given)
        ]
        columns = dict.fromkeys(column for row in rows for column in row)
        file = tmp_path / "applications.csv"
        file.write_text(as_csv(rows, columns), encoding="utf-8")
        out = StringIO()
        call_command("import_applications", str(file), stdout=out, stderr=StringIO(), **options)
        return [int(line.split()[0]) for line in out.getvalue().splitlines()]

    return run


@pytest.fixture
def faults_of(load):
    """Return a function that imports rows and answers the faults that are reported."""

    def run(*rows):
        with pytest.raises(CommandError) as caught:
            load(*rows)
        assert caught.value.returncode == 1
        assert not Application.objects.exists()
        assert not Participant.objects.exists()
        return str(caught.value).splitlines()[1:]

    return run


def person(number=1, **values):
    return {
        "participant_id": f"00000000-0000-0000-0000-{number:012}",
        "email": f"p{number}@example.org",
        **values,
    }


def validated(trn):
    return {"teacher_reference_number": trn, "teacher_reference_number_validated": "true"}


def statuses():
    return sorted(Application.objects.values_list("lead_provider__name", "status"))


def test_what_is_not_given_is_null_and_what_is_given_is_kept(load):
    identifier = uuid4()
    load(
        {
            "application_id": str(identifier).upper(),
            "full_name": " Nguyễn Thị O'Connor ",
            "employer_name": "St Mary’s\u00a0School",
            "works_in_school": "TRUE",
            "headteacher_status": "yes_when_course_starts",
            "eligible_for_funding": "true",
            "registered_at": "2021-09-15",
        }
    )
    application = Application.objects.select_related("participant").get(pk=identifier)
    assert application.participant.full_name == "Nguyễn Thị O'Connor"
    assert application.employer_name == "St Mary’s\u00a0School"
    assert application.works_in_school is True
    assert application.eligible_for_funding is True
    assert application.registered_at == datetime(2021, 9, 14, 23, tzinfo=UTC)
    assert application.created_at == application.updated_at == NOW
    assert (application.school_urn, application.lead_mentor) == (None, None)
    assert application.status == "pending"
    assert Participant.history.get().history_change_reason == "import_applications"


@pytest.mark.parametrize(
    ("accepted_at", "course", "schedule"),
    [
        ("2021-12-25T23:59:59Z", "npq-headship", "npq-leadership-autumn"),
        ("2021-12-26", "npq-headship", "npq-leadership-spring"),
        ("2021-12-26T00:30:00+01:00", "npq-leading-literacy", "npq-specialist-autumn"),
        ("2022-05-31T22:59:59Z", "npq-additional-support-offer", "npq-aso-march"),
        ("2022-05-31T23:00:00Z", "npq-additional-support-offer", "npq-aso-june"),
    ],
)
def test_an_accepted_row_gets_the_schedule_of_its_london_day(load, accepted_at, course, schedule):
    load({"status": "accepted", "accepted_at": accepted_at, "course_identifier": course})
    application = Application.objects.get()
    assert application.schedule.identifier == schedule
    assert application.training_status == "active"
    assert [it.kind for it in application.events.all()] == ["registered", "accepted"]
    assert ParticipantListing.objects.get().updated_at == NOW


def test_a_named_schedule_goes_before_the_window(load):
    load({**ACCEPTED, "schedule_identifier": "npq-leadership-spring"})
    assert Application.objects.get().schedule.identifier == "npq-leadership-spring"


def test_one_person_is_found_by_id_and_by_validated_trn_but_never_by_email(load):
    counts = load(
        person(1, **validated("1234567")),
        person(1, course_identifier="npq-leading-literacy"),
        {"course_identifier": "npq-senior-leadership", **validated("1234567")},
        {"email": "P1@example.org", "course_identifier": "npq-executive-leadership"},
    )
    assert counts == [4, 2, 0, 1, 1]
    known = Participant.objects.get(teacher_reference_number="1234567")
    assert known.applications.count() == 3
    assert known.email == "p1@example.org"


def test_an_unvalidated_trn_identifies_nobody(load):
    load({"teacher_reference_number": "1234567"}, {"teacher_reference_number": "1234567"})
    assert Participant.objects.count() == 2


def test_a_second_run_of_the_same_file_changes_nothing(load):
    rows = [
        person(1, **ACCEPTED, **validated("1234567")),
        {"application_id": str(uuid4())},
        {"email": "x@example.org", "status": "rejected"},
    ]
    assert load(*rows) == [3, 3, 0, 0, 0]
    Application.objects.filter(status="pending").update(status="rejected")
    before = list(Application.objects.order_by("id").values())
    with time_machine.travel(NOW.replace(hour=13), tick=False):
        assert load(*rows) == [0, 0, 3, 0, 0]
    assert list(Application.objects.order_by("id").values()) == before


def test_a_row_without_an_application_id_is_known_by_its_persons_email_too(load):
    load({"email": "Zoë@Example.org"})
    assert load({"email": "zoË@example.ORG", "full_name": "Zoe"}) == [0, 0, 1, 1, 0]
    assert load({"email": "zoë@example.org", "provider": "South"}) == [1, 1, 0, 0, 1]


def test_rows_that_differ_from_a_known_person_are_counted_and_change_nothing(load):
    load(person(1))
    counts = load(person(1, full_name="Ada King", course_identifier="npq-leading-literacy"))
    assert counts == [1, 0, 0, 1, 0]
    assert Participant.objects.get().full_name == "Ada"


def test_an_accepted_row_rejects_pending_siblings_of_the_file_and_of_the_database(load):
    load(person(1, provider="North"))
    load(
        person(1, provider="South"),
        person(1, **ACCEPTED, provider="South", application_id=str(uuid4())),
        person(2, provider="North"),
    )
    assert statuses() == [
        ("North", "pending"),
        ("North", "rejected"),
        ("South", "accepted"),
        ("South", "rejected"),
    ]
    accepted = Application.objects.get(status="accepted")
    for rejected in Application.objects.filter(status="rejected"):
        assert rejected.events.get(kind="rejected").because_of == accepted
    assert list(findings()) == []


def test_a_person_new_to_a_provider_that_knows_them_moves_in_its_list(load):
    load(person(1, **ACCEPTED))
    later = NOW.replace(day=2)
    with time_machine.travel(later, tick=False):
        load(person(1, **ACCEPTED, course_identifier="npq-leading-literacy"))
    assert ParticipantListing.objects.get().updated_at == later


def test_every_fault_is_reported_by_row_and_column(faults_of):
    faults = faults_of(
        {"email": "", "cohort": "2022", "provider": "East"},
        {},
        {"status": "accepted"},
        {"accepted_at": "2021-11-20"},
        {**ACCEPTED, "accepted_at": "2022-09-02"},
        {**ACCEPTED, "schedule_identifier": "npq-specialist-autumn"},
        {**ACCEPTED, "schedule_identifier": "npq-none"},
        {"teacher_reference_number": "12345"},
        {"teacher_reference_number_validated": "true"},
        {
            "eligible_for_funding": "yes",
            "funding_choice": "me",
            "application_id": "0" * 32 + "----",
        },
        {"employer_name": "a\x00b", "itt_provider": "x" * 501},
        {"course_identifier": "npq-early-headship-coaching-offer", "full_name": "x" * 501},
        {**ACCEPTED, "schedule_identifier": "npq-specialist-autumn", "funding_choice": "me"},
        {**ACCEPTED, "accepted_at": "0001-01-01T00:00:00Z", "registered_at": "1899-12-31"},
    )
    assert [fault.partition(":")[0] for fault in faults] == [
        "row 2, provider",
        "row 2, cohort",
        "row 2, email",
        "row 4, accepted_at",
        "row 5, accepted_at",
        "row 6, accepted_at",
        "row 7, schedule_identifier",
        "row 8, schedule_identifier",
        "row 9, teacher_reference_number",
        "row 10, teacher_reference_number",
        "row 11, eligible_for_funding",
        "row 11, funding_choice",
        "row 11, application_id",
        "row 12, employer_name",
        "row 12, itt_provider",
        "row 13, full_name",
        "row 14, funding_choice",
        "row 14, schedule_identifier",
        "row 15, accepted_at",
        "row 15, registered_at",
    ]


@pytest.mark.parametrize("second", [person(1), {}])
def test_a_second_acceptance_for_the_course_is_a_fault_of_its_status(faults_of, second):
    trn = validated("1234567")
    (fault,) = faults_of(
        person(1, **ACCEPTED, **trn), {**second, **ACCEPTED, **trn, "provider": "South"}
    )
    assert fault.startswith("row 3, status: The participant has an accepted application for npq-h")


def test_a_day_that_no_schedule_takes_is_a_fault_of_the_status(faults_of):
    Schedule.objects.filter(identifier="npq-leadership-autumn").update(accepted_from="2021-11-25")
    (fault,) = faults_of(ACCEPTED)
    assert fault.startswith("row 2, status: 0 schedules take an acceptance on 2021-11-20")


def test_an_unknown_column_is_a_fault_beside_those_of_the_rows(faults_of):
    assert faults_of({"colour": "red", "email": ""}) == [
        "row 1, colour: is unknown.",
        "row 2, email: is missing.",
    ]


def test_an_acceptance_without_its_instant_is_told_beside_other_faults(faults_of):
    assert faults_of({"status": "accepted", "email": ""}) == [
        "row 2, email: is missing.",
        "row 2, accepted_at: is missing for an accepted application.",
    ]


def test_a_very_long_cell_hides_no_other_fault(faults_of):
    assert faults_of({"full_name": "a" * 200_000}, {"email": ""}) == [
        "row 2, full_name: has more than 500 characters.",
        "row 3, email: is missing.",
    ]


def test_what_is_not_utf_8_is_told_by_row_and_column_beside_other_faults(tmp_path):
    file = tmp_path / "a.csv"
    lines = [b"full_name,email,provider,course_identifier,cohort"]
    lines += [b"A B,a@b.example,North,npq-headship,2021"] * 399
    lines += [b"A \xe9,a@b.example,North,npq-headship,2021", b"A B,,North,npq-headship,2021"]
    file.write_bytes(b"\n".join(lines))
    with pytest.raises(CommandError) as error:
        call_command("import_applications", str(file))
    assert str(error.value).splitlines()[1:] == [
        "row 401, full_name: is not UTF-8.",
        "row 402, email: is missing.",
    ]


def test_a_dry_run_reports_and_writes_nothing(load):
    assert load(ACCEPTED, dry_run=True)[0] == 1
    assert not Participant.objects.exists()


def test_a_file_that_is_no_csv_or_not_there_is_refused(tmp_path):
    file = tmp_path / "a.csv"
    for content in (
        b"",
        b'full_name\n"a',
        b"full_name,email,provider,course_identifier,cohort\n\xff",
    ):
        file.write_bytes(content)
        with pytest.raises(CommandError, match="row "):
            call_command("import_applications", str(file))
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_applications", str(tmp_path / "b.csv"))


def test_standard_input_is_read(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", StringIO(as_csv(exported_rows(3, ["North"]))))
    call_command("import_applications", "-")
    assert Application.objects.count() == 3


def test_an_export_of_a_thousand_and_a_half_applications_comes_in_whole(tmp_path):
    file = tmp_path / "applications.csv"
    file.write_text(as_csv(exported_rows(1500, ["North", "South"])), encoding="utf-8-sig")
    for _ in range(2):
        call_command("import_applications", str(file), stdout=StringIO())
    assert Application.objects.count() == 1500
    assert list(findings()) == []


def test_called_wrongly_it_exits_with_2():
    run = subprocess.run([sys.executable, "manage.py", "import_applications"], capture_output=True)
    assert run.returncode == 2


@pytest.mark.parametrize("column", [{}, {"eligible_for_funding": ""}])
def test_nobody_is_eligible_for_funding_unless_the_file_says_so(load, column):
    load(column)
    assert Application.objects.get().eligible_for_funding is False
