"""The admin of lead providers and their tokens, whose secrets' hashes are never shown."""

from django.contrib import admin

from npq_portal.admin import ReadOnlyModelAdmin, link_to, link_to_rows
from npq_portal.providers.models import ApiToken, LeadProvider


@admin.register(LeadProvider)
class LeadProviderAdmin(ReadOnlyModelAdmin):
    """Lead providers."""

    list_display = ("name", "ukprn", "created_at")
    search_fields = ("name", "ukprn")
    search_ids = ("id",)
    readonly_fields = (
        "id",
        link_to_rows("providers_apitoken", "lead_provider__id__exact", "API tokens"),
        link_to_rows("participants_application", "lead_provider__id__exact", "applications"),
        link_to_rows("declarations_declaration", "lead_provider__id__exact", "declarations"),
        link_to_rows("declarations_statement", "lead_provider__id__exact", "statements"),
    )


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyModelAdmin):
    """API tokens."""

    list_display = (
        "id",
        link_to("lead_provider", "lead provider"),
        "description",
        "created_at",
        "last_used_at",
        "expires_on",
        "revoked_at",
    )
    list_filter = ("lead_provider",)
    list_select_related = ("lead_provider",)
    search_fields = ("description", "lead_provider__name")
    search_ids = ("id", "lead_provider__id")
    exclude = ("secret_hash",)
    readonly_fields = ("id",)
