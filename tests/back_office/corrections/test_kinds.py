"""Every kind of correction through its pages, its undo, and what the provider then sees."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from npq_portal.back_office.corrections.kinds import KINDS
from npq_portal.back_office.corrections.kinds.declarations import OF_DECLARATIONS
from npq_portal.back_office.corrections.kinds.outcomes import OF_OUTCOMES
from participants.models import Application
from tests.back_office.corrections.conftest import counts, facts, page_of, undo_page_of
from tests.factories.participants import ApplicationFactory, ParticipantFactory
from tests.participants.corrections.conftest import NOW, WHY

DETAILS = {"full_name": "Ada King", "email": "king@example.com", "teacher_reference_number": ""}
PERSON = "/participants/npq/{participant}"
APPLICATION = "/npq-applications/{application}"


@dataclass(frozen=True)
class Case:
    """A correction of an enrolment, what it changes, and what the provider is then answered.

    ``not_undone`` is what its undo leaves of the application as it is now, not as it was.
    """

    kind: str
    values: dict[str, Any]
    changes: dict[str, tuple[str, str]]
    first: tuple[str, dict[str, str]] | None = None
    path: str = APPLICATION
    answered: dict[str, Any] = field(default_factory=dict)
    not_undone: dict[str, str] = field(default_factory=dict)


WITHDRAWAL = {"withdrawn_on": "2021-12-05", "withdrawal_reason": "other"}
WITHDRAWN = ("withdraw", WITHDRAWAL)
DEFERRED = ("defer", {"deferral_reason": "career-break"})

CASES = [
    Case(
        "correct-details",
        DETAILS,
        {"name": ("Ada Lovelace", "Ada King"), "e-mail": ("ada@example.com", "king@example.com")},
        path=PERSON,
        answered={"full_name": "Ada King"},
    ),
    Case(
        "correct-details",
        {
            "full_name": "Ada Lovelace",
            "email": "ada@example.com",
            "teacher_reference_number": "1234567",
            "teacher_reference_number_validated": "on",
        },
        {"TRN": ("none", "1234567, validated")},
        path=PERSON,
        answered={"teacher_reference_number": "1234567"},
    ),
    Case(
        "change-schedule",
        {"schedule": "spring"},
        {"schedule": ("npq-leadership-autumn (2021)", "npq-leadership-spring (2021)")},
    ),
    Case(
        "change-schedule",
        {"schedule": "next_autumn"},
        {
            "cohort": ("2021", "2022"),
            "schedule": ("npq-leadership-autumn (2021)", "npq-leadership-autumn (2022)"),
        },
        answered={"cohort": "2022"},
    ),
    Case(
        "withdraw",
        WITHDRAWAL,
        {
            "training status": ("Active", "Withdrawn"),
            "withdrawal": ("none", "5 Dec 2021, other"),
        },
    ),
    Case(
        "defer",
        DEFERRED[1],
        {
            "training status": ("Active", "Deferred"),
            "deferral": ("none", "10 Dec 2021, career-break"),
        },
    ),
    Case(
        "resume",
        {},
        {
            "training status": ("Deferred", "Active"),
            "deferral": ("10 Dec 2021, career-break", "none"),
        },
        first=DEFERRED,
    ),
    Case(
        "reinstate",
        {},
        {
            "training status": ("Withdrawn", "Active"),
            "withdrawal": ("5 Dec 2021, other", "none"),
        },
        first=WITHDRAWN,
    ),
    Case(
        "change-funding",
        {"ineligible_for_funding_reason": "previously-funded"},
        {"funding": ("eligible", "not eligible: previously-funded")},
        answered={
            "eligible_for_funding": False,
            "ineligible_for_funding_reason": "previously-funded",
        },
    ),
    Case(
        "revert",
        {},
        {
            "status": ("Accepted", "Pending"),
            "accepted": ("1 Oct 2021", "none"),
            "schedule": ("npq-leadership-autumn (2021)", "none"),
            "training status": ("Active", "none"),
        },
        answered={"status": "pending"},
        not_undone={"accepted": "10 Dec 2021"},
    ),
    Case("transfer", {"lead_provider": "other_provider"}, {"provider": ("North", "South")}),
    Case(
        "change-course",
        {"course": "senior"},
        {"course": ("npq-headship", "npq-senior-leadership")},
        answered={"course_identifier": "npq-senior-leadership"},
    ),
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda it: f"{it.kind} {list(it.changes)}")


@pytest.fixture
def record(enrol):
    """Return the enrolment, with a provider and a person of known names."""
    return enrol(
        participant=ParticipantFactory(email="ada@example.com"), lead_provider__name="North"
    )


@pytest.fixture
def given(request, caseworker, record):
    """Return a function that brings the record of a case about, and its page and values."""

    def prepare(case):
        if case.first is not None:
            kind, values = case.first
            caseworker.correct(kind, record, **values)
        rows = {"schedule": "pk", "lead_provider": "pk", "course": "identifier"}
        values = {
            name: getattr(request.getfixturevalue(value), rows[name]) if name in rows else value
            for name, value in case.values.items()
        }
        about = record.participant if case.path == PERSON else record
        return about, page_of(case.kind, about), values

    return prepare


def shown(answer):
    """Return what a preview shows, by the fact; the participant's name is none of it."""
    return {it.name: (it.before, it.after) for it in answer.context["effect"].differences}


@each_case
def test_a_preview_shows_what_changes_and_changes_nothing(case, given, caseworker):
    _about, path, values = given(case)
    assert caseworker.client.get(path).status_code == 200
    before = counts()
    assert shown(caseworker.preview(path, **values)) == case.changes
    assert counts() == before


@each_case
def test_a_confirmation_changes_what_the_preview_showed(case, given, caseworker, record, api):
    about, path, values = given(case)
    before = facts()
    correction = caseworker.make(path, **values)
    after = facts()
    changed = {key for key in before if after[key] != before[key]}
    assert {(before[key], after[key]) for key in changed} == set(case.changes.values())
    assert (correction.kind, correction.record_id, correction.reason) == (case.kind, about.pk, WHY)
    assert (correction.staff.username, correction.at) == ("casey", NOW)
    newest = record.events.latest("id") if about == record else about.history.latest()
    if about == record:
        assert (newest.staff.username, newest.reason) == ("casey", WHY)
    else:
        assert (newest.history_user.username, newest.history_change_reason) == ("casey", WHY)
    path = case.path.format(participant=record.participant_id, application=record.pk)
    answer = api(Application.objects.get(pk=record.pk).lead_provider, "GET", path)
    assert answer.status_code == 200
    attributes = answer.json()["data"]["attributes"]
    assert {name: attributes[name] for name in case.answered} == case.answered


@each_case
def test_undoing_brings_back_what_was(case, given, caseworker):
    about, path, values = given(case)
    before = facts()
    correction = caseworker.make(path, **values)
    undoing = caseworker.undo(correction)
    left = {f"application {about.pk} {name}": value for name, value in case.not_undone.items()}
    assert facts() == {**before, **left}
    correction.refresh_from_db()
    assert (undoing.undoes, correction.undone_by, undoing.record_id) == (
        correction,
        undoing,
        about.pk,
    )


@each_case
def test_a_reason_is_asked_for(case, given, caseworker):
    _about, path, values = given(case)
    before = counts()
    for why in ("", "  ", "\u200b", "\u3164\u202e", "-"):
        answer = caseworker.preview(path, why=why, **values)
        assert answer.context["effect"] is None
        assert "reason" in answer.context["form"].errors
        assert 'href="#id_reason"' in answer.content.decode()
    assert counts() == before


def test_a_rejection_is_undone_as_well(caseworker, record, db):
    pending = ApplicationFactory.create(participant=record.participant, status="rejected")
    pending.events.create(kind="rejected", at=NOW, command="test")
    correction = caseworker.correct("revert", pending)
    caseworker.undo(correction)
    pending.refresh_from_db()
    assert pending.status == "rejected"
    assert pending.events.latest("id").reason == WHY


def test_what_an_acceptance_rejected_can_become_pending_with_it(caseworker, record):
    sibling = ApplicationFactory.create(participant=record.participant, status="rejected")
    sibling.events.create(kind="rejected", at=NOW, command="test", because_of=record)
    path = page_of("revert", record)
    assert str(sibling.lead_provider) in caseworker.client.get(path).content.decode()
    caseworker.make(path, siblings=[str(sibling.pk)])
    sibling.refresh_from_db()
    assert sibling.status == "pending"


def test_a_merge_moves_applications_and_says_that_it_stays(caseworker, record, enrol, senior):
    other = enrol(course=senior).participant
    path = page_of("merge", record.participant)
    answer = caseworker.preview(path, into_participant_id=other.pk)
    assert shown(answer)["participant"] == (str(record.participant_id), str(other.pk))
    correction = caseworker.make(path, into_participant_id=other.pk)
    record.refresh_from_db()
    assert record.participant == other
    answer = caseworker.client.get(undo_page_of(correction))
    assert KINDS["merge"].instead in answer.content.decode()


@pytest.mark.parametrize("into", ["00000000-0000-4000-8000-000000000000", "itself"])
def test_a_merge_into_nothing_is_refused_in_words(caseworker, record, into):
    participant = record.participant
    path = page_of("merge", participant)
    answer = caseworker.preview(
        path, into_participant_id=participant.pk if into == "itself" else into
    )
    assert answer.context["form"].errors["into_participant_id"]


def test_every_kind_that_is_offered_is_tested():
    elsewhere = {"merge", *(it.slug for it in (*OF_DECLARATIONS, *OF_OUTCOMES))}
    offered = {slug for slug, kind in KINDS.items() if not kind.only_undoes}
    assert {case.kind for case in CASES} | elsewhere == offered
