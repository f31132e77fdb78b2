"""Whatever is corrected and undone, in whichever order, the data stay whole (rules 11.12)."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from npq_portal.back_office.corrections.kinds import KINDS
from npq_portal.back_office.corrections.preview import (
    Proposal,
    carry_out,
    preview,
    undoable_correction,
)
from npq_portal.back_office.corrections.records import load
from npq_portal.back_office.integrity import findings
from npq_portal.back_office.models import Correction
from npq_portal.errors import Refused
from npq_portal.history import Actor
from tests.back_office.corrections.conftest import facts
from tests.participants.corrections.conftest import NOW, declare, open_for

STEPS: list[tuple[str, dict[str, str]]] = [
    ("withdraw", {"withdrawn_on": "2021-12-05", "withdrawal_reason": "other"}),
    ("reinstate", {}),
    ("defer", {"deferral_reason": "other"}),
    ("resume", {}),
    ("change-funding", {"ineligible_for_funding_reason": "previously-funded"}),
    ("change-funding", {"eligible_for_funding": "on"}),
    ("change-schedule", {"schedule": "npq-leadership-spring"}),
    ("change-course", {"course": "npq-senior-leadership"}),
    ("change-course", {"course": "npq-headship"}),
    ("transfer", {"lead_provider": "South"}),
    ("revert", {}),
    ("declare", {}),
    ("undo", {}),
    ("undo", {}),
]


def take(step, values, application, by):
    """Take one step as the pages do; return what was corrected, None when it was refused."""
    kind = KINDS[step]
    record = load(kind.about, application.pk)
    form = kind.form(record, {**values, "reason": "So."})
    if not form.is_valid():
        return None
    return finish(
        Proposal(kind=kind, record=record, arguments=form.cleaned_data, values=form.values(), by=by)
    )


def undo(application, by):
    newest = undoable_correction(application)
    if newest is None:
        return None
    kind = KINDS[newest.opposite_kind]
    record = load(kind.about, application.pk)
    form = kind.form(record, {**newest.opposite_values, "reason": "Not so."})
    assert form.is_valid(), form.errors
    return finish(
        Proposal(
            kind=kind,
            record=record,
            arguments=form.cleaned_data,
            values=form.values(),
            by=by,
            undoes=newest,
        )
    )


def finish(proposal):
    try:
        effect = preview(proposal, at=NOW)
    except Refused:
        return None
    return carry_out(proposal, seen=effect.fingerprint, at=NOW)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=some.lists(some.sampled_from(STEPS), max_size=6))
def test_the_data_stay_whole(steps, enrol, spring, senior, other_provider, member_of_staff):
    by = Actor(staff_id=member_of_staff.pk)
    application = enrol()
    named = {"schedule": spring.pk, "lead_provider": str(other_provider.pk)}
    open_for(application.lead_provider)
    before: dict[int, dict[str, str]] = {}
    for step, values in steps:
        application.refresh_from_db()
        if step == "declare":
            try:
                declare(application)
            except Refused:
                continue
        elif step == "undo":
            undone = undo(application, by)
            if undone is not None and undone.kind in {"withdraw", "reinstate", "change-funding"}:
                assert facts() == before[undone.undoes_id]
        else:
            now = facts()
            made = take(step, {k: named.get(k, v) for k, v in values.items()}, application, by)
            if made is not None:
                before[made.pk] = now
        assert list(findings()) == []
    assert Correction.objects.filter(undoes__undoes__isnull=False).count() == 0
