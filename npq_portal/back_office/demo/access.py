"""Tokens and staff log-ins of the demo, made anew at every run (rules 11.8)."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from npq_portal.history import Actor
from npq_portal.providers.models import ApiToken, LeadProvider
from npq_portal.providers.services import create_api_token, revoke_api_token
from npq_portal.staff.roles import ROLES

TOKEN_DESCRIPTION = "Demo"  # noqa: S105 - what it is for, not the token


class StaffAccess(TypedDict):
    """A log-in of a member of staff."""

    username: str
    password: str


def renew_tokens(providers: Iterable[str], *, by: Actor, at: datetime) -> dict[str, str]:
    """Revoke the demo's tokens, and return a new one for each provider by its name."""
    for token in ApiToken.objects.filter(description=TOKEN_DESCRIPTION, revoked_at__isnull=True):
        revoke_api_token(token_id=token.pk, by=by, at=at, reason="Renewed.")
    return {
        provider.name: create_api_token(
            lead_provider=provider, description=TOKEN_DESCRIPTION, by=by, at=at
        )[1]
        for provider in LeadProvider.objects.filter(name__in=providers)
    }


def renew_staff() -> dict[str, StaffAccess]:
    """Return a log-in for each role, with a new password."""
    return {role: _renew_member(role) for role in ROLES}


def _renew_member(role: str) -> StaffAccess:
    member, _created = get_user_model().objects.update_or_create(
        username=f"demo-{role}",
        defaults={
            "email": f"demo-{role}@example.org",
            "is_staff": True,
            "is_superuser": False,
            "is_active": True,
        },
    )
    member.groups.set([Group.objects.get(name=role)])
    password = secrets.token_urlsafe(12)
    member.set_password(password)
    member.save(update_fields=["password"])
    return {"username": member.username, "password": password}
