"""Records to the letter, as JSON and as CSV (rules 3.5, 3.13 and 5).

Participants and declarations are answered exactly in ``test_provider_day``.
"""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from declarations.models import Declaration
from participants.models import Application, Participant
from schedules.models import Cohort

APPLICATION_HEADER = (
    "id,participant_id,full_name,email,email_validated,teacher_reference_number,"
    "teacher_reference_number_validated,works_in_school,employer_name,employment_role,school_urn,"
    "private_childcare_provider_urn,school_ukprn,headteacher_status,eligible_for_funding,"
    "funding_choice,course_identifier,status,created_at,cohort,updated_at,"
    "ineligible_for_funding_reason,targeted_delivery_funding_eligibility,teacher_catchment,"
    "teacher_catchment_country,teacher_catchment_iso_country_code,lead_mentor,itt_provider"
)
DECLARATION_HEADER = (
    "id,participant_id,declaration_type,declaration_date,course_identifier,state,"
    "eligible_for_payment,voided,updated_at,has_passed,statement_id,clawback_statement_id"
)


def lines(answer):
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode()
    assert text.endswith("\r\n")
    return text.removesuffix("\r\n").split("\r\n")


@pytest.fixture
def full(application):
    """Return an application of which everything is known."""
    Participant.objects.update(teacher_reference_number_validated=True)
    Application.objects.update(
        email_validated=True,
        works_in_school=False,
        employer_name='St "Mary", Leeds',
        employment_role="Head of year",
        school_urn="100001",
        private_childcare_provider_urn="EY100002",
        school_ukprn="10000003",
        headteacher_status="yes_in_first_two_years",
        eligible_for_funding=False,
        funding_choice="trust",
        ineligible_for_funding_reason="previously-funded",
        targeted_delivery_funding_eligibility=True,
        teacher_catchment=True,
        teacher_catchment_country="England",
        teacher_catchment_iso_country_code="GBR",
        lead_mentor=False,
        itt_provider="South College",
        created_at=datetime(2021, 12, 3, 12, 0, 0, 999_999, tzinfo=UTC),
    )
    return application


def test_an_application_is_answered_exactly(call, full):
    record = {
        "id": str(full.pk),
        "type": "npq_application",
        "attributes": {
            "participant_id": str(full.participant_id),
            "full_name": "Siân Ó Dálaigh",
            "email": "sian@example.org",
            "email_validated": True,
            "teacher_reference_number": "1234567",
            "teacher_reference_number_validated": True,
            "works_in_school": False,
            "employer_name": 'St "Mary", Leeds',
            "employment_role": "Head of year",
            "school_urn": "100001",
            "private_childcare_provider_urn": "EY100002",
            "school_ukprn": "10000003",
            "headteacher_status": "yes_in_first_two_years",
            "eligible_for_funding": False,
            "funding_choice": "trust",
            "course_identifier": "npq-headship",
            "status": "pending",
            "created_at": "2021-12-03T12:00:00Z",
            "cohort": "2021",
            "updated_at": "2021-12-03T12:00:00Z",
            "ineligible_for_funding_reason": "previously-funded",
            "targeted_delivery_funding_eligibility": True,
            "teacher_catchment": True,
            "teacher_catchment_country": "England",
            "teacher_catchment_iso_country_code": "GBR",
            "lead_mentor": False,
            "itt_provider": "South College",
        },
    }
    one = call("GET", f"/npq-applications/{full.pk}")
    assert one.json() == {"data": record}
    assert list(one.json()["data"]["attributes"]) == APPLICATION_HEADER.split(",")[1:]
    assert call("GET", "/npq-applications").json() == {"data": [record]}


def test_what_is_not_known_of_an_application_is_null(call, application):
    attributes = call("GET", f"/npq-applications/{application.pk}").json()["data"]["attributes"]
    assert [name for name, value in attributes.items() if value is None] == [
        "email_validated",
        "works_in_school",
        "employer_name",
        "employment_role",
        "school_urn",
        "private_childcare_provider_urn",
        "school_ukprn",
        "headteacher_status",
        "funding_choice",
        "ineligible_for_funding_reason",
        "targeted_delivery_funding_eligibility",
        "teacher_catchment",
        "teacher_catchment_country",
        "teacher_catchment_iso_country_code",
        "lead_mentor",
        "itt_provider",
    ]


@pytest.mark.parametrize("has_passed", [True, False])
def test_an_outcome_is_answered_exactly(call, application, declare, has_passed):
    call("POST", f"/npq-applications/{application.pk}/accept")
    declaration = declare("completed", has_passed=has_passed).json()["data"]["id"]
    outcome = Declaration.objects.get(pk=declaration).outcomes.get()
    record = {
        "id": str(outcome.pk),
        "type": "participant-outcome",
        "attributes": {
            "participant_id": str(application.participant_id),
            "course_identifier": "npq-headship",
            "state": "passed" if has_passed else "failed",
            "completion_date": "2022-01-15",
            "created_at": "2022-02-01T12:00:00Z",
        },
    }
    for spelling in ("participant", "participants"):
        assert call("GET", f"/{spelling}/npq/outcomes").json() == {"data": [record]}
        path = f"/{spelling}/npq/{application.participant_id}/outcomes"
        assert call("GET", path).json() == {"data": [record]}


def test_applications_as_csv_are_the_header_and_a_line_each(call, full):
    Application.objects.create(
        participant=full.participant,
        lead_provider=full.lead_provider,
        course=full.course,
        cohort=Cohort.objects.get(),
        created_at=datetime(2021, 12, 4, tzinfo=UTC),
        updated_at=datetime(2021, 12, 5, tzinfo=UTC),
    )
    first, second = Application.objects.all()
    person = f"{full.participant_id},Siân Ó Dálaigh,sian@example.org"
    assert lines(call("GET", "/npq-applications.csv")) == [
        APPLICATION_HEADER,
        (
            f"{first.pk},{person},true,1234567,true,false,"
            '"St ""Mary"", Leeds",Head of year,100001,EY100002,10000003,yes_in_first_two_years,'
            "false,trust,npq-headship,pending,2021-12-03T12:00:00Z,2021,2021-12-03T12:00:00Z,"
            "previously-funded,true,true,England,GBR,false,South College"
        ),
        (
            f"{second.pk},{person},,1234567,true,,,,,,,,"
            "false,,npq-headship,pending,2021-12-04T00:00:00Z,2021,2021-12-05T00:00:00Z,,,,,,,"
        ),
    ]


def test_declarations_as_csv_are_the_header_and_a_line_each(call, application, declare):
    call("POST", f"/npq-applications/{application.pk}/accept")
    person = application.participant_id
    started = declare("started").json()["data"]["id"]
    answered = declare("completed", has_passed=False).json()["data"]
    completed, statement = answered["id"], answered["attributes"]["statement_id"]
    call("PUT", f"/participant-declarations/{started}/void")
    answer = call("GET", "/participant-declarations.csv")
    assert lines(answer) == [
        DECLARATION_HEADER,
        (
            f"{started},{person},started,2022-01-15T09:00:00Z,npq-headship,voided,false,true,"
            "2022-02-01T12:00:00Z,,,"
        ),
        (
            f"{completed},{person},completed,2022-01-15T09:00:00Z,npq-headship,eligible,true,false,"
            f"2022-02-01T12:00:00Z,false,{statement},"
        ),
    ]


def test_without_records_csv_is_its_header(call):
    assert lines(call("GET", "/npq-applications.csv")) == [APPLICATION_HEADER]
    assert lines(call("GET", "/participant-declarations.csv")) == [DECLARATION_HEADER]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+44 1", "'+44 1"),
        ("-1", "'-1"),
        ("@A1", "'@A1"),
        ("\tx", "'\tx"),
        ("\rx", '"\'\rx"'),
        ("a=1", "a=1"),
        ("'=1", "'=1"),
        (" =1", " =1"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_neutralised(call, application, text, cell):
    Application.objects.update(employer_name=text)
    answer = call("GET", "/npq-applications.csv")
    written = b"".join(answer.streaming_content).decode()
    assert f"1234567,false,,{cell},,,," in written
    json_text = call("GET", f"/npq-applications/{application.pk}").json()["data"]["attributes"]
    assert json_text["employer_name"] == text


def test_a_declaration_is_eligible_for_payment_until_it_is_paid(call, application, declare, capsys):
    call("POST", f"/npq-applications/{application.pk}/accept")
    recorded = declare("started").json()["data"]

    def told():
        answer = call("GET", f"/participant-declarations/{recorded['id']}").json()
        attributes = answer["data"]["attributes"]
        return attributes["state"], attributes["eligible_for_payment"]

    assert told() == ("eligible", True)
    call_command("make_payable", "--as-of", "2022-02-26", "--yes")
    assert told() == ("payable", True)
    call_command("mark_paid", "--statement", recorded["attributes"]["statement_id"])
    assert told() == ("paid", False)
