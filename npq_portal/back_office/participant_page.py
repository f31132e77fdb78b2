"""What the page of a participant shows beside the timeline (rules 13.7)."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Prefetch

from declarations.models import Declaration
from outcomes.models import Outcome
from participants.models import Application, Participant


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The applications of a participant, with their declarations and the outcomes of these.

    ``same_person`` are the other records with the same validated TRN that were not merged away.
    ``survivor`` is the record into which this one was merged, None for one that stands for itself.
    """

    applications: list[Application]
    same_person: list[Participant]
    survivor: Participant | None


def records_of(participant: Participant, *, permissions: Collection[str]) -> Records:
    """Return what somebody with ``permissions`` may see, in a fixed number of queries."""
    applications = []
    if "participants.view_application" in permissions:
        applications = list(
            Application.objects.filter(participant=participant)
            .select_related(
                "participant", "lead_provider", "course__group", "cohort", "schedule__cohort"
            )
            .prefetch_related(_declarations(permissions))
            .order_by("created_at", "id")
        )
    same = Participant.objects.sharing_validated_trn(participant)
    others = same.standing().exclude(pk=participant.pk)
    survivor = participant.survivor
    return Records(
        applications=applications,
        same_person=list(others),
        survivor=None if survivor == participant else survivor,
    )


def _declarations(permissions: Collection[str]) -> Prefetch:
    """Return how to read ``application.declared``; each has its outcomes, oldest first."""
    declarations = Declaration.objects.select_related(
        "lead_provider",
        "statement__period__cohort",
        "statement__lead_provider",
        "clawback_statement__period__cohort",
        "clawback_statement__lead_provider",
    ).prefetch_related(_outcomes(permissions))
    if "declarations.view_declaration" not in permissions:
        declarations = declarations.none()
    return Prefetch(
        "declarations", declarations.order_by("declaration_date", "created_at"), to_attr="declared"
    )


def _outcomes(permissions: Collection[str]) -> Prefetch:
    outcomes = Outcome.objects.order_by("created_at", "id")
    if "outcomes.view_outcome" not in permissions:
        outcomes = outcomes.none()
    return Prefetch("outcomes", outcomes)
