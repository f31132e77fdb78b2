"""Lead providers and the tokens they call the API with (rules 3.2)."""

import hashlib
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from npq_portal.clock import london_time
from npq_portal.history import HistoryRow
from npq_portal.identifiers import new_id
from npq_portal.providers.choices import TokenEventKind


class LeadProvider(models.Model):
    """An organisation that trains participants and calls the API."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200, unique=True)
    ukprn = models.CharField("UKPRN", max_length=8, unique=True, null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ProviderListingQuerySet(models.QuerySet[Any]):
    """How a provider's list is asked for."""

    def for_provider(self, provider: LeadProvider) -> "ProviderListingQuerySet":
        """Keep what stands in the list of ``provider`` (rules 4.1)."""
        return self.filter(lead_provider=provider)


class ProviderListing(models.Model):
    """A record's place in the list of one lead provider (ADR 18).

    The creation of the record is repeated here so that a provider's list is read in order from one
    index.
    """

    lead_provider = models.ForeignKey(
        LeadProvider, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()

    objects = ProviderListingQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ()  # nobody looks at them


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """How tokens are asked for."""

    def usable(self, on: date) -> "ApiTokenQuerySet":
        """Keep the tokens that open the API on the London day ``on`` (rules 3.2)."""
        return self.filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=on), revoked_at__isnull=True
        )


class ApiToken(models.Model):
    """A lead provider's credential. Only the hash is stored; the secret is shown once.

    ``replaces`` is the token that was rotated into this one (rules 15.7).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lead_provider = models.ForeignKey(LeadProvider, on_delete=models.PROTECT, related_name="tokens")
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    description = models.CharField(max_length=200, blank=True)
    read_only = models.BooleanField(default=False)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"
        verbose_name_plural = "API tokens"
        ordering = ("created_at", "id")
        permissions = (
            ("revoke_apitoken", "Can revoke API token"),
            ("rotate_apitoken", "Can rotate API token"),
        )

    def __str__(self) -> str:
        return f"{self.id} ({self.description})" if self.description else str(self.id)

    @staticmethod
    def hash_of(secret: str) -> str:
        """Return the hash under which ``secret`` is stored.

        A plain SHA-256 is enough: the secret is 256 random bits, so there is nothing to guess.
        """
        return hashlib.sha256(secret.encode()).hexdigest()


class ApiTokenEvent(HistoryRow):
    """What became of a token: made once, rotated and revoked at most once (rules 1.4).

    ``api_token`` is the one it is about; ``token`` would be the one that did it, and none does.
    """

    api_token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=TokenEventKind.choices)

    class Meta(HistoryRow.Meta):
        verbose_name = "API token event"
        constraints = (  # type: ignore[assignment]
            *HistoryRow.Meta.constraints,
            models.UniqueConstraint(fields=("api_token", "kind"), name="api_token_event_once"),
            models.CheckConstraint(
                name="api_token_event_kind_is_known", condition=Q(kind__in=TokenEventKind.values)
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {london_time(self.at)}"


class RequestCount(models.Model):
    """The requests of one caller that were claimed in its window, by all processes (rules 15.2).

    ``caller`` is a token or an address. A row goes soon after its window has ended.
    """

    caller = models.CharField(max_length=60, primary_key=True)
    ends_at = models.DateTimeField(db_index=True)
    claimed = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()  # nobody looks at them

    def __str__(self) -> str:
        return f"{self.caller}: {self.claimed} until {london_time(self.ends_at)}"
