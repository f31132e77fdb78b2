"""One participant's life, lived through the import, the API and the operators' commands."""

import json
from datetime import datetime
from io import StringIO

import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from declarations.models import Declaration, Statement
from npq_portal.history import Actor
from npq_portal.providers.services import create_api_token, create_lead_provider
from participants.models import Application, Participant
from participants.services.importing import import_applications
from tests.reference_data import load_reference_data

BORN = datetime.fromisoformat("2021-10-20T08:00Z")
PROVIDERS = ("North Teaching School", "South Teaching School")
COLUMNS = (
    "full_name,email,provider,course_identifier,cohort,eligible_for_funding,registered_at,"
    "teacher_reference_number,teacher_reference_number_validated"
)
LINES = [
    f"Sian O Dalaigh,sian@example.org,{provider},npq-headship,2021,true,2021-09-15,1234567,true"
    for provider in PROVIDERS
]


class Life:
    """What happens to Siân, each at an instant of its own."""

    def __init__(self) -> None:
        load_reference_data()
        for name in PROVIDERS:
            create_lead_provider(name=name, by=Actor(command="create_lead_provider"), at=BORN)
        import_applications([COLUMNS, *LINES], by=Actor(command="import_applications"), at=BORN)
        self.application = Application.objects.get(lead_provider__name=PROVIDERS[0])
        self.participant = self.application.participant
        self.person = f"/participants/npq/{self.participant.pk}"
        _, self.secret = create_api_token(
            lead_provider=self.application.lead_provider,
            description="CRM",
            by=Actor(command="create_api_token"),
            at=BORN,
        )

    def call(
        self, at: str, method: str, path: str, status: int = 200, **attributes: object
    ) -> None:
        """Let the provider ask for something at ``at`` and be answered ``status``."""
        with time_machine.travel(datetime.fromisoformat(at), tick=False):
            answer = Client().generic(
                method,
                f"/api/v1{path}",
                json.dumps({"data": {"attributes": attributes}}),
                content_type="application/json",
                headers={"authorization": f"Bearer {self.secret}"},
            )
        assert answer.status_code == status, answer.content

    def accept(self, at: str, status: int = 200) -> None:
        self.call(at, "POST", f"/npq-applications/{self.application.pk}/accept", status)

    def train(self, at: str, verb: str, status: int = 200, **attributes: object) -> None:
        path = f"{self.person}/{verb}"
        self.call(at, "PUT", path, status, course_identifier="npq-headship", **attributes)

    def declare(self, at: str, kind: str, status: int = 200, **attributes: object) -> None:
        self.call(
            at,
            "POST",
            "/participant-declarations",
            status,
            participant_id=str(self.participant.pk),
            course_identifier="npq-headship",
            declaration_type=kind,
            declaration_date="2021-11-02T10:00:00Z",
            **attributes,
        )

    def void(self, at: str, kind: str) -> None:
        standing = Declaration.objects.in_slot().filter(application=self.application)
        declaration = standing.get(declaration_type=kind)
        self.call(at, "PUT", f"/participant-declarations/{declaration.pk}/void")

    def command(self, at: str, *words: str) -> None:
        with time_machine.travel(datetime.fromisoformat(at), tick=False):
            call_command(*words, stdout=StringIO(), stderr=StringIO())

    def staff(self) -> Actor:
        """Return a member of staff who corrects what is wrong."""
        casey, _ = User.objects.get_or_create(
            username="casey", first_name="Casey", last_name="Worker"
        )
        return Actor(staff_id=casey.pk)

    def correct(self, at: str, **details: object) -> None:
        """Let a member of staff correct details."""
        self.staff()
        with time_machine.travel(datetime.fromisoformat(at), tick=False):
            staff = User.objects.get(username="casey")
            participant = Participant.objects.get(pk=self.participant.pk)
            for name, value in details.items():
                setattr(participant, name, value)
            participant._history_user = staff  # type: ignore[attr-defined]
            participant.save()

    def live(self) -> None:
        """Let a whole life happen."""
        self.accept("2021-11-05T09:30Z")
        self.declare("2021-11-10T10:00Z", "started")
        self.declare("2021-11-10T10:05Z", "started")
        self.command("2021-12-26T06:00Z", "make_payable")
        statement = Statement.objects.get(declarations__application=self.application)
        self.command("2022-01-25T10:00Z", "mark_paid", "--statement", str(statement.pk))
        self.train(
            "2022-02-01T11:00Z",
            "change-schedule",
            422,
            schedule_identifier="npq-leadership-spring",
        )
        self.train("2022-03-01T12:00Z", "defer", reason="parental-leave")
        self.train("2022-04-01T11:00Z", "resume")
        self.correct("2022-04-02T08:00Z", full_name="Siân Ó Dálaigh")
        self.declare("2022-05-01T09:00Z", "completed", has_passed=True)
        self.void("2022-05-02T09:00Z", "completed")
        self.train("2022-06-01T09:00Z", "withdraw", reason="other")
        self.train("2022-06-02T09:00Z", "resume", 422)
