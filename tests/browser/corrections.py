"""What the walks through corrections do: one of each kind that is offered, on the demo's data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.contrib.auth.models import User
from django.utils import timezone

from npq_portal.back_office.corrections.kinds import KINDS
from npq_portal.back_office.corrections.preview import Proposal, carry_out, preview
from npq_portal.back_office.corrections.records import load, participant_of
from npq_portal.clock import london_day
from npq_portal.errors import Refused
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from participants.models import Participant
from schedules.models import Course, Schedule

Values = dict[str, str]


class Client:
    """What asks the API in the name of a provider."""

    def __init__(self, url, provider, token):
        self.provider = provider
        self.url = f"{url}/api/v1"
        self.bearer = {"Authorization": f"Bearer {token}"}

    def get(self, path):
        return requests.get(f"{self.url}{path}", headers=self.bearer, timeout=30)

    def attributes(self, path):
        return self.get(path).json()["data"]["attributes"]


@dataclass(frozen=True)
class Walk:
    """A kind of correction, what is filled in, and what the provider then sees.

    ``seen`` asks as a provider's client about the record; ``becomes`` is what is answered once the
    values are set. ``first`` is the walk after which there is something to correct.
    """

    kind: str
    values: Callable[[Any], Values]
    seen: Callable[[Client, Any], Any]
    becomes: Callable[[Values], Any]
    first: "Walk | None" = None

    def __str__(self):
        return self.kind


def find(walk):
    """Return a record of the demo that can be corrected so, and the values for it."""
    if walk.first is not None:
        record, values = find(walk.first)
        proposal = proposed(walk.first, record, values)
        carry_out(
            proposal, seen=preview(proposal, at=timezone.now()).fingerprint, at=timezone.now()
        )
        record = load(type(record), record.pk)
        return record, walk.values(record)
    kind = KINDS[walk.kind]
    for row in kind.about.objects.order_by("created_at", "id"):
        record = load(kind.about, row.pk)
        if kind.is_offered(record) and is_found_by_address(participant_of(record)):
            values = walk.values(record)
            if values is not None and is_possible(walk, record, values):
                return record, values
    return pytest.fail(f"The demo has nothing for {walk.kind}.")


def is_found_by_address(participant):
    return Participant.objects.filter(email=participant.email).count() == 1


def is_possible(walk, record, values):
    try:
        preview(proposed(walk, record, values), at=timezone.now())
    except Refused:
        return False
    return True


def proposed(walk, record, values):
    kind = KINDS[walk.kind]
    form = kind.form(record, {**posted(kind, record), **values, "reason": "So it was."})
    assert form.is_valid(), form.errors
    by = Actor(staff_id=User.objects.get(username="demo-caseworker").pk)
    return Proposal(
        kind=kind, record=record, arguments=form.cleaned_data, values=form.values(), by=by
    )


def posted(kind, record):
    """Return what the form would post if nothing were filled in."""
    return {name: value for name, value in kind.form.current(record).items() if value}


def nothing(_record):
    return {}


def other_schedule(application):
    others = Schedule.objects.filter(group=application.course.group_id, cohort=application.cohort)
    other = others.exclude(pk=application.schedule_id).first()
    return other and {"schedule": str(other.pk)}


def other_course(application):
    others = Course.objects.filter(group=application.course.group_id)
    other = others.exclude(pk=application.course_id).first()
    return other and {"course": other.identifier}


def other_provider(application):
    others = LeadProvider.objects.exclude(pk=application.lead_provider_id)
    return {"lead_provider": str(others[0].pk)}


def other_funding(application):
    return {"eligible_for_funding": "" if application.eligible_for_funding else "on"}


def duplicate(participant):
    """Return a record without a validated TRN, as that of a person who registered twice is."""
    others = Participant.objects.exclude(pk=participant.pk).filter(
        id_change__isnull=True, teacher_reference_number_validated=False
    )
    return {"into_participant_id": str(others.latest("created_at", "id").pk)}


def started(application):
    first = application.schedule.milestones.earliest("start_date")
    return {"declaration_type": "started", "declaration_date": f"{first.start_date}T09:30"}


def failed(declaration):
    return {"state": "failed", "completion_date": str(london_day(declaration.declaration_date))}


def of_person(name):
    return lambda client, it: client.attributes(f"/participants/npq/{it.pk}")[name]


def of_enrolment(name):
    """Return what reads an enrolment, as it stands with its participant."""

    def read(client, application):
        person = client.attributes(f"/participants/npq/{application.participant_id}")
        return next(
            it[name]
            for it in person["npq_enrolments"]
            if it["npq_application_id"] == str(application.pk)
        )

    return read


def of_application(name):
    return lambda client, it: client.attributes(f"/npq-applications/{it.pk}")[name]


def of_declaration(name):
    return lambda client, it: client.attributes(f"/participant-declarations/{it.pk}")[name]


def answer_about_person(client, participant):
    return client.get(f"/participants/npq/{participant.pk}").status_code


def answer_about_application(client, application):
    return client.get(f"/npq-applications/{application.pk}").status_code


def declared(client, application):
    path = f"/participant-declarations?filter[participant_id]={application.participant_id}"
    answered = [it["attributes"] for it in client.get(path).json()["data"]]
    return [it["declaration_type"] for it in answered if not it["voided"]]


def newest_outcome(client, declaration):
    path = f"/participants/npq/{declaration.application.participant_id}/outcomes"
    return client.get(path).json()["data"][-1]["attributes"]["state"]


def always(value):
    return lambda _values: value


def left_last_week(_application):
    week_ago = london_day(timezone.now()) - timedelta(days=7)
    return {"withdrawn_on": str(week_ago), "withdrawal_reason": "other"}


WITHDRAW = Walk(
    "withdraw",
    left_last_week,
    of_enrolment("training_status"),
    always("withdrawn"),
)
DEFER = Walk(
    "defer",
    lambda _record: {"deferral_reason": "career-break"},
    of_enrolment("training_status"),
    always("deferred"),
)
RETRACT = Walk("retract-outcome", nothing, newest_outcome, always("voided"))

WALKS = [
    Walk(
        "correct-details",
        lambda _record: {"full_name": "Ada Byron King"},
        of_person("full_name"),
        lambda values: values["full_name"],
    ),
    Walk("merge", duplicate, answer_about_person, always(410)),
    Walk(
        "change-schedule",
        other_schedule,
        of_enrolment("schedule_identifier"),
        lambda values: Schedule.objects.get(pk=values["schedule"]).identifier,
    ),
    WITHDRAW,
    DEFER,
    Walk("resume", nothing, of_enrolment("training_status"), always("active"), first=DEFER),
    Walk("reinstate", nothing, of_enrolment("training_status"), always("active"), first=WITHDRAW),
    Walk(
        "change-funding",
        other_funding,
        of_application("eligible_for_funding"),
        lambda values: bool(values["eligible_for_funding"]),
    ),
    Walk("revert", nothing, of_application("status"), always("pending")),
    Walk("transfer", other_provider, answer_about_application, always(404)),
    Walk(
        "change-course",
        other_course,
        of_application("course_identifier"),
        lambda values: values["course"],
    ),
    Walk("declare", started, declared, always(["started"])),
    Walk("void", nothing, of_declaration("state"), always("voided")),
    Walk("claw-back", nothing, of_declaration("state"), always("awaiting-clawback")),
    Walk("record-outcome", failed, newest_outcome, always("failed"), first=RETRACT),
    Walk("correct-outcome", failed, newest_outcome, always("failed")),
    RETRACT,
]
