"""Commands on lead providers and their tokens (rules 3.2, 11.3 to 11.6, 13.4, 15.6, 15.7)."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from npq_portal.clock import london_day
from npq_portal.corrections import check_length
from npq_portal.errors import BASE, ErrorCode, NotFound, Refusal, Refusals, Refused
from npq_portal.history import Actor
from npq_portal.identifiers import new_id
from npq_portal.prepared import Prepared, columns_of, made_with
from npq_portal.providers.choices import TokenEventKind
from npq_portal.providers.models import ApiToken, ApiTokenEvent, LeadProvider
from npq_portal.providers.patience import unless_locked
from npq_portal.providers.secrets import SECRET_PREFIX
from npq_portal.providers.signals import lead_provider_created

LAST_USED_PRECISION = timedelta(minutes=1)
LAST_USED_PATIENCE = 100
"""How many milliseconds a request waits to note the last use where somebody writes for long."""

OVERLAP_DAYS = 7
"""How long a token works on that was rotated, unless told otherwise."""

LONGEST_OVERLAP_DAYS = 90


@transaction.atomic
def add_lead_provider(
    *, name: str, ukprn: str | None = None, by: Actor, at: datetime
) -> LeadProvider:
    """Make a lead provider called ``name`` and return it.

    Other apps are told of it in the same transaction.
    Raises Refused when the name is malformed or known, in whatever case and with whatever blanks
    between its words, and when the UKPRN is malformed or another provider's (rules 13.4).
    """
    name = name.strip()

    def check() -> None:
        refusals = _refusals_to_provider(name, ukprn)
        known = _spelled_alike(name)
        if known is not None:
            sentence = f"There is a lead provider called {known}."
            refusals.add("name", ErrorCode.EXISTS_ALREADY, sentence)
        refusals.raise_any()

    check()
    with _checked_again(check):
        provider = LeadProvider.objects.create(name=name, ukprn=ukprn, created_at=at)
    lead_provider_created.send(sender=LeadProvider, lead_provider=provider, by=by, at=at)
    return provider


@transaction.atomic
def create_lead_provider(
    *, name: str, ukprn: str | None = None, by: Actor, at: datetime
) -> LeadProvider:
    """Return the lead provider called ``name``, made now if there is none.

    Repeatable: a known name answers the known provider, and a ``ukprn`` (eight digits) completes
    it when it had none. Other apps are told of a new one in the same transaction.
    Raises Refused when the UKPRN is malformed, another provider's, or not this one's (rules 11.3).
    """
    name = name.strip()

    def check() -> None:
        _refusals_to_provider(name, ukprn).raise_any()

    check()
    with _checked_again(check):
        provider, created = LeadProvider.objects.select_for_update().get_or_create(
            name=name, defaults={"ukprn": ukprn, "created_at": at}
        )
        if ukprn is not None and provider.ukprn is None:
            provider.ukprn = ukprn
            provider.save(update_fields=["ukprn"])
    if created:
        lead_provider_created.send(sender=LeadProvider, lead_provider=provider, by=by, at=at)
    elif ukprn not in {None, provider.ukprn}:
        raise Refused(
            Refusal("ukprn", ErrorCode.INVALID, f"{name} is known with UKPRN {provider.ukprn}.")
        )
    return provider


@contextmanager
def _checked_again(check: Callable[[], None]) -> Iterator[None]:
    """Let ``check`` say why a write failed that met what somebody else wrote since it last ran."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        check()
        raise


def _refusals_to_provider(name: str, ukprn: str | None) -> Refusals:
    refusals = Refusals()
    # As in people's names: what can't be seen, or turns the line around, makes two look like one.
    if not (name and len(name) <= 200 and name.isprintable()):
        refusals.add(
            "name", ErrorCode.INVALID, "A provider's name has 1 to 200 printable characters."
        )
    if ukprn is None:
        return refusals
    if not (len(ukprn) == 8 and ukprn.isascii() and ukprn.isdigit()):
        refusals.add("ukprn", ErrorCode.INVALID, "A UKPRN is eight digits.")
    other = LeadProvider.objects.filter(ukprn=ukprn).exclude(name=name).first()
    if other is not None:
        refusals.add("ukprn", ErrorCode.INVALID, f"UKPRN {ukprn} belongs to {other}.")
    return refusals


def _spelled_alike(name: str) -> str | None:
    """Return the name of a known provider that differs at most in case and in blanks."""
    known = LeadProvider.objects.values_list("name", flat=True)
    return next((it for it in known if _plainly(it) == _plainly(name)), None)


def _plainly(name: str) -> str:
    return " ".join(name.split()).casefold()


@transaction.atomic
def create_api_token(
    *,
    new_token_id: UUID | None = None,
    lead_provider: LeadProvider,
    expires_on: date | None = None,
    description: str = "",
    read_only: bool = False,
    by: Actor,
    at: datetime,
) -> tuple[ApiToken, str]:
    """Make a token and return it with its secret, which is not kept and cannot be shown again.

    The token opens the API through the London day ``expires_on``, or for good without one, and
    only for reading when it is ``read_only``. Who may ask twice says under which id.
    Raises Refused when that day is past, the description has over 200 characters (rules 11.4), or
    there is a token with that id.
    """
    refusals = Refusals()
    if len(description) > 200:
        refusals.add("description", ErrorCode.INVALID, "A description has at most 200 characters.")
    if expires_on is not None and expires_on < london_day(at):
        refusals.add(
            "expires_on", ErrorCode.INVALID, f"{expires_on} is past; give today or a later day."
        )
    refusals.raise_any()
    return _make(
        ApiToken(
            id=new_token_id or new_id(),
            lead_provider=lead_provider,
            description=description,
            read_only=read_only,
            expires_on=expires_on,
        ),
        by=by,
        at=at,
    )


def _make(token: ApiToken, *, by: Actor, at: datetime) -> tuple[ApiToken, str]:
    """Give a new token a secret, keep it, and return both; raise Refused when its id is taken."""
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    token.secret_hash, token.created_at = ApiToken.hash_of(secret), at
    try:
        with transaction.atomic():
            token.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(
            Refusal(BASE, ErrorCode.EXISTS_ALREADY, f"Token {token.pk} was made already.")
        ) from error
    ApiTokenEvent.objects.create(
        api_token=token, kind=TokenEventKind.CREATED, at=at, **by.columns()
    )
    return token, secret


@transaction.atomic
def rotate_api_token(
    *,
    token_id: UUID,
    new_token_id: UUID | None = None,
    overlap_days: int = OVERLAP_DAYS,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> tuple[ApiToken, str]:
    """Make the successor of a token and return it with its secret, which cannot be shown again.

    It is the same provider's, with the same description and scope, and is valid for as many days
    from now as the old one was from its making. The old one works on for ``overlap_days`` London
    days after today, or until its own last day where that comes first. Who may ask twice says under
    which id the new one is made.
    Raises NotFound when there is no such token, and Refused when it works no more, was rotated
    already, the overlap is none or the reason too long (rules 15.7), or the new one's id is taken.
    """
    old = (
        ApiToken.objects.select_for_update(of=("self",))
        .select_related("lead_provider")
        .filter(pk=token_id)
        .first()
    )
    if old is None:
        raise NotFound(f"There is no token {token_id}.")
    today = london_day(at)
    _check_rotation(old, overlap_days, reason, today)
    new, secret = _make(
        ApiToken(
            id=new_token_id or new_id(),
            lead_provider=old.lead_provider,
            description=old.description,
            read_only=old.read_only,
            replaces=old,
            expires_on=_last_day_of_successor(old, today),
        ),
        by=by,
        at=at,
    )
    last_day = today + timedelta(days=overlap_days)
    old.expires_on = min(last_day, old.expires_on or last_day)
    old.save(update_fields=["expires_on"])
    ApiTokenEvent.objects.create(
        api_token=old, kind=TokenEventKind.ROTATED, at=at, reason=reason, **by.columns()
    )
    return new, secret


def _last_day_of_successor(old: ApiToken, today: date) -> date | None:
    if old.expires_on is None:
        return None
    return today + min(old.expires_on - london_day(old.created_at), date.max - today)


def refusals_to_rotate(token: ApiToken, *, on: date) -> Refusals:
    """Return why a token can't be rotated on a London day, whatever the overlap (rules 15.7)."""
    refusals = Refusals()
    if not ApiToken.objects.usable(on=on).filter(pk=token.pk).exists():
        refusals.add(
            BASE,
            ErrorCode.TOKEN_NOT_USABLE,
            f"Token {token.pk} is revoked or has expired; create a new one.",
        )
    successor = ApiToken.objects.filter(replaces=token).first()
    if successor is not None:
        refusals.add(
            BASE,
            ErrorCode.ALREADY_ROTATED,
            f"Token {token.pk} was rotated already; rotate its successor {successor.pk}.",
        )
    return refusals


def _check_rotation(token: ApiToken, overlap_days: int, reason: str, today: date) -> None:
    refusals = refusals_to_rotate(token, on=today)
    check_length(reason, refusals)
    if not 0 <= overlap_days <= LONGEST_OVERLAP_DAYS:
        refusals.add(
            "overlap_days",
            ErrorCode.INVALID,
            f"The overlap is 0 to {LONGEST_OVERLAP_DAYS} days.",
        )
    refusals.raise_any()


@transaction.atomic
def revoke_api_token(*, token_id: UUID, by: Actor, at: datetime, reason: str = "") -> ApiToken:
    """Close a token for good and return it; one revoked already keeps its first time and reason.

    Raises NotFound when there is no such token, and Refused when the reason is too long (rules
    11.6).
    """
    _revoke(token_id, by=by, at=at, reason=reason)
    return _token(token_id)


@transaction.atomic
def revoke_open_api_token(*, token_id: UUID, by: Actor, at: datetime, reason: str) -> ApiToken:
    """Close a token for good and return it.

    Raises as ``revoke_api_token``, and Refused when it is revoked already (rules 13.4).
    """
    if not _revoke(token_id, by=by, at=at, reason=reason):
        refusals_to_revoke(_token(token_id)).raise_any()
    return _token(token_id)


def refusals_to_revoke(token: ApiToken) -> Refusals:
    """Return why there is nothing to revoke (rules 13.4)."""
    refusals = Refusals()
    if token.revoked_at is not None:
        refusals.add(BASE, ErrorCode.TOKEN_NOT_USABLE, f"Token {token.pk} is revoked already.")
    return refusals


def _revoke(token_id: UUID, *, by: Actor, at: datetime, reason: str) -> bool:
    """Return whether a token was open, and is closed now."""
    refusals = Refusals()
    check_length(reason, refusals)
    refusals.raise_any()
    open_tokens = ApiToken.objects.filter(pk=token_id, revoked_at__isnull=True)
    if not open_tokens.update(revoked_at=at):
        return False
    ApiTokenEvent.objects.create(
        api_token_id=token_id, kind=TokenEventKind.REVOKED, at=at, reason=reason, **by.columns()
    )
    return True


def _token(token_id: UUID) -> ApiToken:
    token = ApiToken.objects.select_related("lead_provider").filter(pk=token_id).first()
    if token is None:
        raise NotFound(f"There is no token {token_id}.")
    return token


def authenticate(*, secret: str, at: datetime) -> ApiToken | None:
    """Return the usable token with this ``secret`` and its provider, or None (rules 3.2).

    The last use is written at most once a minute, so that reading stays cheap.
    """
    row = _usable.row(ApiToken.hash_of(secret), london_day(at))
    if row is None:
        return None
    token = made_with(ApiToken, row, "lead_provider")
    _note_use(token, at)
    return token


@Prepared
def _usable(secret_hash: str, on: date) -> QuerySet[ApiToken, Any]:
    of_provider = columns_of(LeadProvider, through="lead_provider")
    tokens = ApiToken.objects.usable(on=on).filter(secret_hash=secret_hash)
    return tokens.order_by().values_list(*columns_of(ApiToken), *of_provider)


def _note_use(token: ApiToken, at: datetime) -> None:
    due = at - LAST_USED_PRECISION
    if token.last_used_at is None or token.last_used_at < due:
        rows = ApiToken.objects.filter(
            Q(last_used_at__isnull=True) | Q(last_used_at__lt=due), pk=token.pk
        )
        unless_locked(partial(rows.update, last_used_at=at), milliseconds=LAST_USED_PATIENCE)
