"""The admin of lead providers and their tokens, whose secrets' hashes are never shown."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from npq_portal.admin import (
    CommandAdmin,
    HistoryInline,
    ReadOnlyModelAdmin,
    link_to,
    link_to_rows,
)
from npq_portal.clock import london_day
from npq_portal.errors import Refusals
from npq_portal.providers.forms import (
    ApiTokenForm,
    LeadProviderForm,
    MakesToken,
    RevocationForm,
    RotationForm,
)
from npq_portal.providers.models import ApiToken, ApiTokenEvent, LeadProvider
from npq_portal.providers.services import (
    add_lead_provider,
    create_api_token,
    refusals_to_revoke,
    refusals_to_rotate,
    revoke_open_api_token,
    rotate_api_token,
)

MADE_BEFORE = (
    "The form was sent twice. It made this token the first time and nothing the second time. The"
    " token's secret was shown in the first answer alone. If you did not see it, revoke this token"
    " and create another."
)


@admin.register(LeadProvider)
class LeadProviderAdmin(CommandAdmin):
    """Lead providers, which may be added (rules 13.4)."""

    list_display = ("name", "ukprn", "created_at")
    search_fields = ("name", "ukprn")
    search_ids = ("id",)
    readonly_fields = (
        "id",
        "added_by",
        link_to_rows("providers_apitoken", "lead_provider__id__exact", "API tokens"),
        link_to_rows("participants_application", "lead_provider__id__exact", "applications"),
        link_to_rows("declarations_declaration", "lead_provider__id__exact", "declarations"),
        link_to_rows("declarations_statement", "lead_provider__id__exact", "statements"),
    )

    @admin.display(description="added by")
    def added_by(self, row: LeadProvider) -> str:
        kind = ContentType.objects.get_for_model(LeadProvider)
        entries = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk))
        added = entries.filter(action_flag=ADDITION).select_related("user").first()
        return str(added.user) if added is not None else "a command"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("providers.add_leadprovider")

    @transaction.atomic
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: object = None
    ) -> HttpResponse:
        """Add a provider, with what every provider has."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = LeadProviderForm(request.POST or None)
        provider = self.run(request, form, add_lead_provider)
        if provider is None:
            return self.command_page(request, form, title="Add lead provider", button="Add")
        self.log_addition(request, provider, "Added.")
        messages.success(request, f"{provider} was added.")
        return redirect("admin:providers_leadprovider_change", provider.pk)


class ApiTokenEventInline(HistoryInline):
    """The history of a token: who made it, who rotated or revoked it and why."""

    model = ApiTokenEvent
    fk_name = "api_token"
    fields = ("at", "kind", "actor_name", "reason")
    readonly_fields = fields


@admin.register(ApiToken)
class ApiTokenAdmin(CommandAdmin):
    """API tokens, which may be created, rotated and revoked (rules 13.4, 15.7)."""

    list_display = (
        "id",
        link_to("lead_provider", "lead provider"),
        "description",
        "read_only",
        "created_at",
        "last_used_at",
        "expires_on",
        "revoked_at",
    )
    list_filter = ("lead_provider", "read_only")
    list_select_related = ("lead_provider",)
    search_fields = ("description", "lead_provider__name")
    search_ids = ("id", "lead_provider__id")
    exclude = ("secret_hash", "replaces")
    readonly_fields = (
        "id",
        link_to("replaces", "replaces"),
        link_to("replaced_by", "replaced by"),
    )
    inlines = (ApiTokenEventInline,)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Refuse to filter by the hash, which would be read letter by letter."""
        if lookup.startswith("secret_hash"):
            return False
        return super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type] # as Django

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("providers.add_apitoken")

    def get_urls(self) -> list[URLPattern]:
        commands = {"rotate": self.rotate_view, "revoke": self.revoke_view}
        pages = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"providers_apitoken_{name}",
            )
            for name, view in commands.items()
        ]
        return [*pages, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: object = None
    ) -> HttpResponse:
        """Create a token and show its secret, in this one answer and nowhere else (rules 3.2)."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        initial = {"lead_provider": request.GET.get("lead_provider")}
        form = ApiTokenForm(request.POST or None, initial=initial)
        created = self.run(request, form, create_api_token)
        if created is None:
            return self._made_before(request, form) or self.command_page(
                request, form, title="Create API token", button="Create"
            )
        return self._secret_page(request, *created, title="API token created")

    def rotate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make the successor of a token and show its secret, as when one is created."""
        token = self._token(request, object_id, "providers.rotate_apitoken")
        refusals = refusals_to_rotate(token, on=london_day(timezone.now()))
        if refusals and request.method != "POST":
            return self._tell(request, token, refusals)
        form = RotationForm(request.POST or None)
        rotated = self.run(request, form, partial(rotate_api_token, token_id=token.pk))
        if rotated is None:
            return self._made_before(request, form) or self.command_page(
                request, form, title=f"Rotate API token {token}", button="Rotate", row=token
            )
        return self._secret_page(request, *rotated, title="API token rotated")

    def revoke_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why, and close a token for good."""
        token = self._token(request, object_id, "providers.revoke_apitoken")
        refusals = refusals_to_revoke(token)
        if refusals and request.method != "POST":
            return self._tell(request, token, refusals)
        form = RevocationForm(request.POST or None)
        revoked = self.run(request, form, partial(revoke_open_api_token, token_id=token.pk))
        if revoked is None:
            return self.command_page(
                request, form, title=f"Revoke API token {token}", button="Revoke", row=token
            )
        messages.success(request, f"API token {token} is revoked.")
        return redirect("admin:providers_apitoken_change", token.pk)

    def _token(self, request: HttpRequest, object_id: str, permission: str) -> ApiToken:
        """Return the token of a page that takes ``permission``."""
        if not request.user.has_perm(permission):
            raise PermissionDenied
        token: ApiToken | None = self.get_object(request, unquote(object_id))
        if token is None:
            raise Http404
        return token

    def _tell(self, request: HttpRequest, token: ApiToken, refusals: Refusals) -> HttpResponse:
        """Lead to the token's page, which says why there is nothing to fill in."""
        for refusal in refusals:
            messages.error(request, refusal.sentence)
        return redirect("admin:providers_apitoken_change", token.pk)

    def _made_before(self, request: HttpRequest, form: MakesToken) -> HttpResponse | None:
        """Lead to the token that the same form made when it was sent before, if it was."""
        number = form.cleaned_data.get("new_token_id") if form.is_bound else None
        token = ApiToken.objects.filter(pk=number).first() if number is not None else None
        if token is None:
            return None
        messages.warning(request, MADE_BEFORE)
        return redirect("admin:providers_apitoken_change", token.pk)

    def _secret_page(
        self, request: HttpRequest, token: ApiToken, secret: str, *, title: str
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "token": token,
            "secret": secret,
        }
        return TemplateResponse(request, "admin/providers/apitoken/created.html", context)


@admin.register(ApiTokenEvent)
class ApiTokenEventAdmin(ReadOnlyModelAdmin):
    """The history of all tokens."""

    list_display = ("at", "kind", link_to("api_token", "API token"), "actor_name", "reason")
    list_filter = ("kind", "api_token__lead_provider")
    list_select_related = ("api_token", "token__lead_provider", "staff")
    search_fields = ("reason", "command")
    search_ids = ("api_token__id",)
