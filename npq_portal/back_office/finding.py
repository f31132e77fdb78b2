"""Whom the one search box of the back office is about (rules 13.6)."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import UUIDField
from django.db.models.functions import Coalesce

from declarations.models import Declaration
from npq_portal.back_office.models import ProviderRequest
from npq_portal.identifiers import parse_id
from outcomes.models import Outcome
from participants.models import Application, Participant


class Holder(NamedTuple):
    """Records with ids, who may see them, and the ``path`` from there to the participant."""

    kind: str
    permission: str
    model: Any
    path: str


HOLDERS = (
    Holder("participant", "participants.view_participant", Participant, "pk"),
    Holder("application", "participants.view_application", Application, "participant"),
    Holder("declaration", "declarations.view_declaration", Declaration, "application__participant"),
    Holder("outcome", "outcomes.view_outcome", Outcome, "declaration__application__participant"),
    Holder("request", "back_office.view_providerrequest", ProviderRequest, "participant"),
)
"""What an id may be of."""


MOST_RECORDS = 10
"""Of how many records it is looked at whether they are one person's; more are several people's."""


class Found(NamedTuple):
    """A participant, and the ``record`` on their page by which they were found, as `kind-id`."""

    participant_id: UUID
    record: str


def find_one(question: str, *, permissions: Collection[str]) -> Found | None:
    """Return the only one whom ``question`` can mean, None when it is several or nobody.

    It is the whole id of a record that somebody with ``permissions`` may see, the id that a
    provider was given with an answer, or words of the name, the e-mail address and the TRN.
    """
    question = question.strip()
    found = _by_id(question, permissions) or _by_request_id(question, permissions)
    if found is not None or parse_id(question) is not None:
        return found
    people = _by_words(question)
    return Found(people.pop(), "") if len(people) == 1 else None


def _by_words(question: str) -> set[UUID]:
    """Return whom words find: the record that stays, for one that was merged into it."""
    found = Participant.objects.found_by(question).order_by()
    stays = Coalesce("id_change__survivor", "pk", output_field=UUIDField())
    records = list(found.values_list("pk", stays)[: MOST_RECORDS + 1])
    if len(records) > MOST_RECORDS:
        return {pk for pk, _survivor in records}
    return {survivor for _pk, survivor in records}


def _by_id(question: str, permissions: Collection[str]) -> Found | None:
    identifier = parse_id(question)
    if identifier is None:
        return None
    for holder in HOLDERS:
        if holder.permission in permissions:
            found = _holder(holder, pk=identifier)
            if found is not None:
                return Found(found, f"{holder.kind}-{identifier}")
    return None


def _by_request_id(question: str, permissions: Collection[str]) -> Found | None:
    requests = HOLDERS[-1]
    if requests.permission not in permissions or "\0" in question:
        return None
    found = _holder(requests, request_id=question)
    return Found(found, "") if found is not None else None


def _holder(holder: Holder, **identity: Any) -> UUID | None:
    rows = holder.model.objects.filter(**identity, **{f"{holder.path}__isnull": False})
    found: UUID | None = rows.values_list(holder.path, flat=True).first()
    return found
