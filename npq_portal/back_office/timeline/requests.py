"""The timeline's source of providers' requests, joined with what they changed (rules 13.7)."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from npq_portal.api.handler import BASE
from npq_portal.back_office.models import ProviderRequest
from npq_portal.back_office.timeline.entry import Entry, Window, link_to_page, token_in_words
from npq_portal.back_office.timeline.merging import ids_of
from participants.models import Participant

MOST_APART = timedelta(seconds=30)
"""The longest that a request takes to change what it asks for; it may wait for others."""

ASKED = (
    (re.compile(r"npq-applications/[^/]+/accept/?"), "accept the application"),
    (re.compile(r"npq-applications/[^/]+/reject/?"), "reject the application"),
    (re.compile(r"participants?/npq/[^/]+/withdraw/?"), "withdraw the participant"),
    (re.compile(r"participants?/npq/[^/]+/defer/?"), "defer the participant"),
    (re.compile(r"participants?/npq/[^/]+/resume/?"), "resume the participant"),
    (re.compile(r"participants?/npq/[^/]+/change-schedule/?"), "change the schedule"),
    (re.compile(r"participants?/npq/[^/]+/outcomes/?"), "record an outcome"),
    (re.compile(r"participant-declarations/[^/]+/void/?"), "void a declaration"),
    (re.compile(r"participant-declarations/?"), "record a declaration"),
)
"""What a path below ``BASE`` asks for, all of it; a query asks for nothing."""


def requests(participant: Participant, window: Window) -> list[Entry]:
    """Return what providers asked for about the participant, under a former id too."""
    rows = ProviderRequest.objects.filter(participant__in=ids_of(participant)).select_related(
        "token", "lead_provider"
    )
    return [_entry(row) for row in window.of(rows)]


def join_requests(entries: Iterable[Entry]) -> list[Entry]:
    """Return ``entries``, oldest first, with each change and the request for it told as one.

    The change gets the link to the request. What was refused, or changed nothing, keeps an entry
    of its own.
    """
    told: list[Entry] = []
    open_requests: dict[UUID, Entry] = {}
    answered: set[int] = set()
    for entry in entries:
        request = open_requests.get(entry.token_id) if entry.token_id is not None else None
        if entry.is_request:
            if not entry.is_refusal and entry.token_id is not None:
                open_requests[entry.token_id] = entry
        elif request is not None and entry.at - request.at <= MOST_APART:
            answered.add(id(request))
            entry = replace(entry, links=entry.links + request.links)
        told.append(entry)
    return [entry for entry in told if id(entry) not in answered]


def _entry(row: ProviderRequest) -> Entry:
    is_refusal = row.status >= 400
    end = "was refused" if is_refusal else "nothing had to change"
    return Entry(
        at=row.at,
        what=f"Asked to {_asked(row)}, and {end} ({row.status}).",
        who=token_in_words(row.token, row.lead_provider),
        why=_sentences(row.answer) if is_refusal else "",
        sent=", ".join(_values(row.body)),
        links=(link_to_page("Request", row),),
        token_id=row.token_id,
        is_request=True,
        is_refusal=is_refusal,
    )


def _asked(row: ProviderRequest) -> str:
    asked = row.path.partition("?")[0].removeprefix(BASE)
    known = (words for path, words in ASKED if path.fullmatch(asked))
    return next(known, f"{row.method} {row.path}")


def _values(body: str) -> Iterable[str]:
    """Yield the attributes that were sent, as ``course identifier npq-headship``."""
    attributes: Any = _read(body)
    for key in ("data", "attributes"):
        attributes = attributes.get(key) if isinstance(attributes, dict) else None
    if not isinstance(attributes, dict):
        return
    for name, value in attributes.items():
        if name != "participant_id" and isinstance(value, str | int | float):
            yield f"{name.replace('_', ' ')} {value}"


def _sentences(answer: str) -> str:
    """Return the sentences with which a request was refused."""
    document = _read(answer)
    if not isinstance(document, dict):
        return ""
    errors = document.get("errors") or [{"detail": document.get("error", "")}]
    return " ".join(str(it.get("detail", "")) for it in errors if isinstance(it, dict))


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
