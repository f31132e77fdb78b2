"""Corrections of outcomes (rules 14.10)."""

from typing import Any

from declarations.models import Declaration
from declarations.rules import IN_SLOT
from npq_portal.back_office.corrections import forms
from npq_portal.back_office.corrections.kinds.kind import Kind, Opposite, by_id
from npq_portal.back_office.corrections.records import newest_outcome
from outcomes.models import Outcome
from outcomes.rules import POSTABLE
from outcomes.services import record_outcome_for_provider, retract_outcome_by_staff
from schedules.choices import DeclarationType


def _has_outcomes(declaration: Declaration) -> bool:
    return (
        declaration.declaration_type == DeclarationType.COMPLETED
        and declaration.state in IN_SLOT
        and declaration.application.course.group.has_outcomes
    )


def _standing(declaration: Declaration) -> Outcome | None:
    """Return the outcome that counts, None where there is none or it was retracted."""
    newest = newest_outcome(declaration)
    return newest if newest is not None and newest.state in POSTABLE else None


def _lacks_one(declaration: Declaration) -> bool:
    return _has_outcomes(declaration) and _standing(declaration) is None


def _has_one(declaration: Declaration) -> bool:
    return _has_outcomes(declaration) and _standing(declaration) is not None


def _retract(declaration: Declaration) -> Opposite:
    return Opposite("retract-outcome", {})


def _former(slug: str, declaration: Declaration) -> Opposite | None:
    outcome = _standing(declaration)
    if outcome is None:
        return None
    day = outcome.completion_date.isoformat()
    return Opposite(slug, {"state": outcome.state, "completion_date": day})


def _correct_back(declaration: Declaration) -> Opposite | None:
    return _former("correct-outcome", declaration)


def _record_again(declaration: Declaration) -> Opposite | None:
    return _former("record-outcome", declaration)


def _of(**values: Any) -> Kind:
    """Return a kind of correction of the outcome of a declaration."""
    return Kind(about=Declaration, permission="outcomes.change_outcome", **values)


OF_OUTCOMES = (
    _of(
        slug="record-outcome",
        title="Record outcome",
        done="The outcome is recorded.",
        form=forms.OutcomeForm,
        service=by_id(record_outcome_for_provider, "declaration_id"),
        is_offered=_lacks_one,
        opposite=_retract,
    ),
    _of(
        slug="correct-outcome",
        title="Correct outcome",
        done="The outcome is corrected.",
        form=forms.OutcomeForm,
        service=by_id(record_outcome_for_provider, "declaration_id"),
        is_offered=_has_one,
        opposite=_correct_back,
    ),
    _of(
        slug="retract-outcome",
        title="Retract outcome",
        done="The outcome is retracted.",
        form=forms.CorrectionForm,
        service=by_id(retract_outcome_by_staff, "declaration_id"),
        is_offered=_has_one,
        opposite=_record_again,
    ),
)
