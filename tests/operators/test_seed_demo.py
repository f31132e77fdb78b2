import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from declarations.choices import DeclarationState, StatementState
from declarations.models import Declaration, Statement
from npq_portal.back_office.integrity import findings
from npq_portal.providers.models import ApiToken
from npq_portal.providers.services import authenticate
from outcomes.choices import OutcomeState
from outcomes.models import Notification, Outcome
from participants.choices import ApplicationStatus, TrainingStatus
from participants.models import Application, ApplicationEvent, Participant
from schedules.models import Course

pytestmark = pytest.mark.django_db

WITHOUT_STAFF = {
    "registered",
    "accepted",
    "rejected",
    "withdrawn",
    "deferred",
    "resumed",
    "schedule-changed",
}
"""What happens to applications when nobody corrects anything."""


def seed(**options):
    out = StringIO()
    call_command("seed_demo", json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def states(model, field):
    return set(model.objects.exclude(**{field: None}).values_list(field, flat=True))


def counts():
    kept: list[type[Any]] = [Application, Declaration, Statement, Outcome, Participant]
    return [model.objects.count() for model in kept]


@pytest.mark.parametrize("today", ["2026-11-24T12:00", "2028-02-29T00:30", "2027-03-28T01:00"])
def test_every_state_of_every_record_is_there_whatever_the_day(today):
    now = datetime.fromisoformat(f"{today}Z")
    with time_machine.travel(now, tick=False):
        seed(participants=1)
    assert states(Declaration, "state") == set(DeclarationState.values)
    assert states(Statement, "state") == set(StatementState.values)
    assert states(Outcome, "state") == set(OutcomeState.values)
    assert states(Application, "status") == set(ApplicationStatus.values)
    assert states(Application, "training_status") == set(TrainingStatus.values)
    assert states(ApplicationEvent, "kind") == WITHOUT_STAFF
    assert Declaration.objects.filter(duplicate_of__isnull=False).exists()
    assert states(Notification, "state") == {"sent", "given-up", "waiting"}
    assert not Notification.objects.due(now + timedelta(minutes=59)).exists()
    assert ApiToken.objects.filter(expires_on__lt=now.date()).exists()
    assert list(findings()) == []


def test_as_many_participants_are_made_as_are_asked_for():
    seed(participants=40)
    assert Participant.objects.count() == 40


def test_tokens_and_log_ins_work_and_each_role_has_one(client):
    access = seed()
    assert len(access["tokens"]) == 3
    for provider, token in access["tokens"].items():
        found = authenticate(secret=token, at=timezone.now())
        assert found.lead_provider.name == provider
    assert set(access["staff"]) == {"viewer", "caseworker", "finance", "administrator"}
    for log_in in access["staff"].values():
        client.post("/admin/login/", log_in)
        assert client.get("/admin/participants/participant/").status_code == 200


def test_a_second_run_adds_nothing_and_ends_the_first_tokens():
    first = seed()
    before = counts()
    second = seed()
    assert counts() == before
    for token in first["tokens"].values():
        assert authenticate(secret=token, at=timezone.now()) is None
    for token in second["tokens"].values():
        assert authenticate(secret=token, at=timezone.now()) is not None


def test_a_database_with_another_provider_is_left_alone(capsys):
    call_command("create_lead_provider", "Ambition")
    with pytest.raises(CommandError, match="holds Ambition, which the demo did not make") as caught:
        seed()
    assert caught.value.returncode == 1
    assert not Participant.objects.exists()
    assert not Course.objects.exists()


def test_for_people_it_prints_what_to_log_in_with(capsys):
    call_command("seed_demo")
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("  Harbour Teaching School Hub: npq_")
    assert lines[-1].startswith("  administrator: demo-administrator / ")
