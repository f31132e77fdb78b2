"""Trying an edit of reference data out, and carrying it out (rules 14.13, 14.15)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from npq_portal.back_office.corrections.picture import differences, fingerprint_of_change
from npq_portal.back_office.corrections.preview import Effect, as_seen, tried_out
from npq_portal.back_office.reference.edits import Edit
from npq_portal.back_office.reference.picture import Look, kept_rows
from npq_portal.history import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An edit as it was filled in: which one, of which row if any, with what, by whom.

    ``arguments`` go to the service, the reason among them.
    """

    edit: Edit
    row: Any
    arguments: Mapping[str, Any]
    by: Actor


@dataclass(frozen=True, slots=True)
class EditEffect(Effect):
    """The same, with what was there and stays, in words, and the ``row`` to look at then."""

    kept: list[str]
    row: Model


def preview(proposal: Proposal, *, at: datetime) -> EditEffect:
    """Return what an edit would change if it were made ``at`` (UTC); change nothing.

    Raises what its service raises.
    """
    return tried_out(lambda: _try(proposal, at=at))


@transaction.atomic
def carry_out(proposal: Proposal, *, seen: str, at: datetime) -> Model:
    """Make an edit ``at`` (UTC) if it changes what was ``seen``, and return the row to look at.

    ``seen`` is the fingerprint that the preview had. Raises Refused when anything that it showed
    has changed since (rules 14.15), NotFound when the row is gone.
    """
    return as_seen(lambda: _try(proposal, at=at), seen).row


def _try(proposal: Proposal, *, at: datetime) -> EditEffect:
    """Call the service between two pictures: what changes while it waits is in the second."""
    edit = proposal.edit
    look = Look(row=proposal.row, values=proposal.arguments, by=proposal.by, at=at)
    before, totals_before = edit.picture(look), edit.totals(look)
    row = edit.run(proposal.row, proposal.arguments, by=proposal.by, at=at)
    after, totals_after = edit.picture(look), edit.totals(look)
    return EditEffect(
        differences(before, after) + differences(totals_before, totals_after),
        fingerprint_of_change(before, after),
        kept_rows(before, after) if edit.keeps else [],
        row,
    )
