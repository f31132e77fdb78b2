"""The journal of providers' write requests: how it is written and pruned (rules 13.5)."""

import logging
import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from npq_portal.api.authentication import token_of
from npq_portal.api.exceptions import BadBody
from npq_portal.api.handler import BASE
from npq_portal.api.parsers import parse_json
from npq_portal.back_office.models import ProviderRequest
from npq_portal.identifiers import parse_id
from npq_portal.prepared import Prepared, insert
from npq_portal.providers.models import ApiToken
from npq_portal.providers.secrets import hide_secrets
from participants.models import Participant

logger = logging.getLogger(__name__)

KEPT_BYTES = 10_000
KEPT_PATH = 2_000
PRUNED_AT_ONCE = 1_000

PATHS = (
    (re.compile(r"participants?/npq/([^/]+)"), "pk"),
    (re.compile(r"npq-applications/([^/]+)"), "applications"),
    (re.compile(r"participant-declarations/([^/]+)"), "applications__declarations"),
)
"""Where a path below ``BASE`` has an id, and what of a participant the id is of."""

# Looked for in a text that is cut, or is no JSON at all.
PARTICIPANT_IN_TEXT = re.compile(r'"participant_id"\s*:\s*"([^"]*)"')


class JournalMiddleware:
    """Keep each write request that carries a usable token, whatever is answered (rules 13.5).

    The row is written once the view's transaction has ended, so that it outlives a rollback, and
    before the answer goes out. Reads pass without a query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ProviderRequest.Method or not request.path_info.startswith(BASE):
            return self.get_response(request)
        at = timezone.now()
        response = self.get_response(request)
        try:
            _keep(request, response, at)
        except Exception as error:  # noqa: BLE001 - what is done is done, and has to be answered
            # Without what the error says: databases quote the row.
            logger.error("A request was not kept in the journal: %s.", type(error).__name__)
        return response


def _keep(request: HttpRequest, response: HttpResponse, at: datetime) -> None:
    token = _token(request, response)
    if token is None:
        return
    if connection.errors_occurred and not connection.is_usable():
        connection.close()  # the next query opens one anew
    body, body_is_cut = _cut(_read(request))
    answer, answer_is_cut = _cut(response.content)
    is_accepted = response.status_code == 200
    # What an accepted body means has been decided; its answer says how.
    telling = (answer, answer_is_cut) if is_accepted else (body, body_is_cut)
    request_kept = ProviderRequest(
        at=at,
        token=token,
        lead_provider=token.lead_provider,
        participant_id=_participant_id(request.path_info, *telling, is_known=is_accepted),
        method=str(request.method),
        path=hide_secrets(request.get_full_path())[:KEPT_PATH],
        status=response.status_code,
        request_id=request.META["HTTP_X_REQUEST_ID"],
        body=body,
        body_is_cut=body_is_cut,
        answer=answer,
        answer_is_cut=answer_is_cut,
    )
    insert(request_kept, may_be_lost=True)


def _token(request: HttpRequest, response: HttpResponse) -> ApiToken | None:
    """Return the token with which REST framework let the request in, else the one it carries.

    What is refused before anybody asks for a token, such as an unknown path, is asked here; where
    the database failed to say who it was, it is not asked once more.
    """
    if hasattr(request, "auth") or response.status_code == 503:
        token: ApiToken | None = getattr(request, "auth", None)
        return token
    return token_of(request)


def _read(request: HttpRequest) -> bytes:
    """Return the beginning of the body, whether or not the view has read it."""
    try:
        return request.read(KEPT_BYTES + 1)
    except OSError:  # the client is gone
        return b""


def _cut(content: bytes) -> tuple[str, bool]:
    """Return what is kept of ``content``, and whether there was more."""
    is_cut = len(content) > KEPT_BYTES
    decoder = getincrementaldecoder("utf-8")(errors="replace")
    text = decoder.decode(content[: KEPT_BYTES + 1], final=not is_cut)
    # PostgreSQL takes no NUL. What replaces an undecodable byte is longer than that.
    kept = hide_secrets(text.replace("\0", "")).encode()
    return kept[:KEPT_BYTES].decode(errors="ignore"), is_cut or len(kept) > KEPT_BYTES


def _named_in(text: str, is_cut: bool) -> Any:
    """Return the ``participant_id`` of a body or an answer, as the service reads and writes it."""
    try:
        document = None if is_cut else parse_json(text.encode())
    except BadBody:
        document = None
    if document is None:
        found = PARTICIPANT_IN_TEXT.search(text)
        return found and found[1]
    for name in ("data", "attributes", "participant_id"):
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _participant_id(path: str, text: str, is_cut: bool, *, is_known: bool) -> UUID | None:
    """Return the id of the participant whom a request is about, None when nobody is known.

    Whom the path does not name is the one that the ``text`` names, which may be cut. Who names a
    record that was merged away asks about the one that is left (rules 5.6), and is refused.
    """
    found = _found(path, text, is_cut)
    if found is None:
        return None
    lookup, identifier = found
    if lookup == "pk" and is_known:
        return identifier
    row = _survivors[lookup].row(identifier)
    return None if row is None else row[0]


def _survivors_by(lookup: str) -> Prepared:
    def find(identifier: UUID) -> QuerySet[Participant, Any]:
        found = Participant.objects.filter(**{lookup: identifier}).order_by()
        return found.values_list(Coalesce("id_change__survivor", "pk"))

    return Prepared(find)


_survivors = {lookup: _survivors_by(lookup) for _, lookup in PATHS}


def _found(path: str, text: str, is_cut: bool) -> tuple[str, UUID] | None:
    for pattern, lookup in PATHS:
        match = pattern.match(path, len(BASE))
        identifier = parse_id(match[1]) if match else None
        if identifier is not None:
            return lookup, identifier
    identifier = parse_id(_named_in(text, is_cut))
    return None if identifier is None else ("pk", identifier)


def prune_requests(*, before: datetime) -> Iterator[int]:
    """Delete the requests that came before ``before``, a batch at a time; yield how many went.

    Each batch is a transaction of its own: nobody waits long, and what is done stays done.
    """
    while True:
        oldest = ProviderRequest.objects.older_than(before).values_list("pk", flat=True)
        batch = list(oldest[:PRUNED_AT_ONCE])
        if not batch:
            return
        deleted, _ = ProviderRequest.objects.filter(pk__in=batch).delete()
        yield deleted
