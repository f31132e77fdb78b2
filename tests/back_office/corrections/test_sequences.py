"""Whatever providers do and staff correct and undo, in whichever order, the data stay whole.

Rules 11.12, 14.14.
"""

from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as some

from declarations.models import Declaration, Statement
from declarations.services import make_payable, mark_paid
from npq_portal.back_office.corrections.kinds import KINDS
from npq_portal.back_office.corrections.picture import picture_of
from npq_portal.back_office.corrections.preview import (
    Proposal,
    carry_out,
    ids_of_persons,
    preview,
    undoable_corrections,
)
from npq_portal.back_office.corrections.records import load
from npq_portal.back_office.integrity import findings
from npq_portal.back_office.models import Correction
from npq_portal.errors import NotFound, Refused
from npq_portal.history import Actor
from participants.models import Application, Participant
from tests.factories.participants import ApplicationFactory
from tests.participants.corrections.conftest import BY, NOW, open_for

RESTORING = {
    "correct-details",
    "change-schedule",
    "withdraw",
    "reinstate",
    "change-funding",
    "transfer",
    "change-course",
    "correct-outcome",
}
"""Corrections whose undo leaves everything as it was before them, the day of a deferral apart."""

DETAILS = {"full_name": "Ada King", "email": "ada@example.org"}
VALIDATED = {
    **DETAILS,
    "teacher_reference_number": "1234567",
    "teacher_reference_number_validated": "on",
}
DATED = "2021-12-01T10:00"

CORRECTIONS = [
    ("correct-details", DETAILS),
    ("correct-details", VALIDATED),
    ("merge", {"into_participant_id": "other"}),
    ("withdraw", {"withdrawn_on": "2021-12-05", "withdrawal_reason": "other"}),
    ("reinstate", {}),
    ("defer", {"deferral_reason": "other"}),
    ("resume", {}),
    ("change-funding", {"ineligible_for_funding_reason": "previously-funded"}),
    ("change-funding", {"eligible_for_funding": "on"}),
    ("change-schedule", {"schedule": "spring"}),
    ("change-course", {"course": "npq-senior-leadership"}),
    ("change-course", {"course": "npq-headship"}),
    ("transfer", {"lead_provider": "other"}),
    ("revert", {}),
    ("declare", {"declaration_type": "started", "declaration_date": DATED}),
    (
        "declare",
        {"declaration_type": "completed", "declaration_date": DATED, "has_passed": "true"},
    ),
    ("void", {}),
    ("claw-back", {}),
    ("record-outcome", {"state": "passed", "completion_date": "2021-12-02"}),
    ("correct-outcome", {"state": "failed", "completion_date": "2021-12-03"}),
    ("retract-outcome", {}),
]

PARTICIPANT = "/participants/npq/{participant}"
OF_COURSE = {"course_identifier": "{course}"}
DECLARED = {"participant_id": "{participant}", "declaration_date": f"{DATED}:00Z", **OF_COURSE}
REQUESTS = [
    ("POST", "/participant-declarations", {"declaration_type": "started", **DECLARED}),
    (
        "POST",
        "/participant-declarations",
        {"declaration_type": "completed", "has_passed": True, **DECLARED},
    ),
    ("PUT", "/participant-declarations/{declaration}/void", {}),
    ("PUT", f"{PARTICIPANT}/withdraw", {"reason": "other", **OF_COURSE}),
    ("PUT", f"{PARTICIPANT}/defer", {"reason": "other", **OF_COURSE}),
    ("PUT", f"{PARTICIPANT}/resume", OF_COURSE),
    (
        "PUT",
        f"{PARTICIPANT}/change-schedule",
        {"schedule_identifier": "npq-leadership-spring", **OF_COURSE},
    ),
    (
        "POST",
        f"{PARTICIPANT}/outcomes",
        {"state": "failed", "completion_date": "2021-12-04", **OF_COURSE},
    ),
    ("POST", "/npq-applications/{application}/accept", {}),
    ("POST", "/npq-applications/{application}/reject", {}),
]

TARGETS = some.integers(0, 2)
CORRECT = some.tuples(some.just("correct"), TARGETS, some.sampled_from(CORRECTIONS))
ASK = some.tuples(some.just("ask"), TARGETS, some.sampled_from(REQUESTS))
UNDO = some.tuples(some.just("undo"), TARGETS, some.none())
PAY = some.tuples(some.just("pay"), TARGETS, some.none())
STEPS = some.one_of(CORRECT, CORRECT, CORRECT, ASK, ASK, UNDO, UNDO, PAY)


def facts_of(participant):
    """Return what is so of a person, under whichever record."""
    fresh = Participant.objects.get(pk=participant.pk)
    picture = picture_of(ids_of_persons([fresh]))
    return {key: fact.value for key, fact in picture.facts.items()}


class Story:
    """Two people with three applications between them, and what is done to these."""

    def __init__(self, applications, named, staff, api):
        self.applications = [it.pk for it in applications]
        self.named = named
        self.by = Actor(staff_id=staff.pk)
        self.api = api
        self.before = {}

    def take(self, step, target, what):
        """Take a step; return in a word what came of it."""
        application = load(Application, self.applications[target])
        return getattr(self, step)(application, what)

    def correct(self, application, correction):
        slug, values = correction
        kind = KINDS[slug]
        record = self._record(kind, application)
        if record is None:
            return "nothing to correct"
        chosen = {name: self.named.get((name, it), it) for name, it in values.items()}
        before = facts_of(application.participant)
        made = self._make(kind, record, chosen)
        if made is None:
            return f"{slug} refused"
        self.before[made.pk] = before
        return slug

    def ask(self, application, request):
        method, path, attributes = request
        newest = Declaration.objects.filter(application=application).last()
        ids = {
            "participant": application.participant_id,
            "application": application.pk,
            "course": application.course.identifier,
            "declaration": newest.pk if newest else application.pk,
        }
        attributes = {
            name: it.format(**ids) if isinstance(it, str) else it for name, it in attributes.items()
        }
        answer = self.api(application.lead_provider, method, path.format(**ids), attributes)
        assert answer.status_code < 500, answer.content
        return f"{path} {answer.status_code}"

    def undo(self, application, _nothing):
        undoable = undoable_corrections(application.participant)
        if not undoable:
            return "nothing to undo"
        newest = max(undoable.values(), key=lambda it: it.pk)
        kind = KINDS[newest.opposite_kind]
        record = load(kind.about, newest.record_id)
        undone = self._make(kind, record, newest.opposite_values, undoes=newest)
        if undone is not None and newest.kind in RESTORING:
            assert facts_of(application.participant) == self.before[newest.pk]
        return f"undo {newest.kind}{'' if undone else ' refused'}"

    def pay(self, _application, _nothing):
        make_payable(as_of=date(2021, 12, 26), by=BY, at=NOW)
        for statement in Statement.objects.filter(state="payable"):
            mark_paid(statement_id=statement.pk, by=BY, at=NOW)
        return "pay"

    def _record(self, kind, application):
        if kind.about is Participant:
            return load(Participant, application.participant_id)
        if kind.about is Declaration:
            newest = Declaration.objects.filter(application=application).last()
            return newest and load(Declaration, newest.pk)
        return application

    def _make(self, kind, record, values, undoes=None):
        """Preview and confirm as the pages do; None where a form or a service refuses."""
        form = kind.form(record, {**values, "reason": "So."})
        if not form.is_valid():
            assert undoes is None, form.errors
            return None
        proposal = Proposal(
            kind=kind,
            record=record,
            arguments=form.cleaned_data,
            values=form.values(),
            by=self.by,
            undoes=undoes,
        )
        try:
            seen = preview(proposal, at=NOW).fingerprint
        except (Refused, NotFound):
            return None
        return carry_out(proposal, seen=seen, at=NOW)


@pytest.fixture
def story(enrol, spring, senior, other_provider, member_of_staff, api):
    """Return a function that begins the story anew."""

    def begin():
        ada = enrol()
        grace = enrol(lead_provider=other_provider)
        pending = ApplicationFactory(
            participant=ada.participant, course=senior, lead_provider=other_provider
        )
        for provider in {ada.lead_provider, other_provider}:
            open_for(provider)
            open_for(provider, deadline=date(2022, 2, 25), period="March 2022")
        named = {
            ("schedule", "spring"): spring.pk,
            ("lead_provider", "other"): str(other_provider.pk),
            ("into_participant_id", "other"): str(grace.participant_id),
        }
        return Story((ada, grace, pending), named, member_of_staff, api)

    return begin


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=some.lists(STEPS, max_size=8))
def test_the_data_stay_whole(steps, story):
    with transaction.atomic():
        told = story()
        for step in steps:
            event(told.take(*step))
            assert list(findings()) == []
        assert not Correction.objects.filter(undoes__undoes__isnull=False).exists()
        transaction.set_rollback(True)  # the next story begins with nothing
