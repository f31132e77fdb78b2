"""A cohort comes from files alone: no line of code knows its year (rules 2.7)."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command

from declarations.models import Declaration, Statement
from npq_portal.back_office.integrity import findings
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from npq_portal.providers.services import create_api_token
from participants.models import Application
from tests.registration_service import as_csv

FILES = {
    "cohorts.csv": "start_year\n2022\n",
    "schedules.csv": (
        "cohort,identifier,group,accepted_from,accepted_until\n"
        "2022,npq-leadership-autumn,leadership,,2022-12-25\n"
        "2022,npq-leadership-spring,leadership,2022-12-26,\n"
    ),
    "milestones.csv": (
        "cohort,schedule,declaration_type,start_date,cut_off_date,payment_date\n"
        "2022,npq-leadership-autumn,started,2022-11-01,2022-12-25,\n"
        "2022,npq-leadership-spring,started,2023-01-01,2023-02-25,\n"
    ),
    "statements.csv": (
        "cohort,period,deadline_date,payment_date\n2022,January 2023,2022-12-25,2023-01-25\n"
    ),
}


@pytest.fixture
def files(tmp_path):
    for name, text in FILES.items():
        Path(tmp_path / name).write_text(text)
    return [str(tmp_path / name) for name in FILES]


@pytest.mark.django_db
def test_applications_of_a_cohort_from_files_are_accepted_declared_and_paid(
    client, files, tmp_path, capsys
):
    with time_machine.travel(datetime(2022, 11, 20, 12, tzinfo=UTC), tick=False):
        call_command("load_reference_data")
        call_command("create_lead_provider", "North")
        call_command("load_reference_data", *files)
        call_command("create_lead_provider", "South")
        row = {
            "full_name": "Ada",
            "email": "ada@example.org",
            "provider": "South",
            "course_identifier": "npq-headship",
            "cohort": "2022",
            "eligible_for_funding": "true",
        }
        applications = tmp_path / "applications.csv"
        applications.write_text(as_csv([row], row))
        call_command("import_applications", str(applications))
        application = Application.objects.get()
        provider = LeadProvider.objects.get(name="South")
        _, token = create_api_token(
            lead_provider=provider,
            by=Actor(command="test"),
            at=datetime(2022, 11, 20, tzinfo=UTC),
        )
        headers = {"authorization": f"Bearer {token}"}

        accepted = client.post(f"/api/v1/npq-applications/{application.pk}/accept", headers=headers)
        assert accepted.json()["data"]["attributes"]["cohort"] == "2022"
        path = "/api/v1/participants/npq?filter[cohort]=2022"
        (person,) = client.get(path, headers=headers).json()["data"]
        (enrolment,) = person["attributes"]["npq_enrolments"]
        assert enrolment["schedule_identifier"] == "npq-leadership-autumn"
        body = {
            "participant_id": person["id"],
            "declaration_type": "started",
            "declaration_date": "2022-11-19T09:00:00Z",
            "course_identifier": "npq-headship",
        }
        declared = client.post(
            "/api/v1/participant-declarations",
            {"data": {"attributes": body}},
            content_type="application/json",
            headers=headers,
        )
        assert declared.json()["data"]["attributes"]["state"] == "eligible"
        assert Statement.objects.filter(period__cohort__start_year=2022).count() == 2
        assert Declaration.objects.get().statement.period.name == "January 2023"

    with time_machine.travel(datetime(2023, 1, 25, 12, tzinfo=UTC), tick=False):
        call_command("make_payable", stdout=StringIO())
        statement = Declaration.objects.get().statement
        call_command("mark_paid", "--statement", str(statement.pk), stdout=StringIO())
    assert Declaration.objects.get().state == "paid"
    assert list(findings()) == []
