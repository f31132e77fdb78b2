"""The admin of outcomes and notifications."""

from django.contrib import admin

from npq_portal.admin import ReadOnlyModelAdmin, link_to, link_to_rows
from outcomes.models import Notification, Outcome


@admin.register(Outcome)
class OutcomeAdmin(ReadOnlyModelAdmin):
    """Outcomes: all rows of every declaration's history."""

    list_display = (
        "id",
        link_to("declaration__application__participant", "participant"),
        link_to("declaration", "declaration"),
        "state",
        "completion_date",
        "actor_name",
        "created_at",
    )
    list_filter = ("state", "declaration__lead_provider")
    list_select_related = (
        "declaration__application__participant",
        "token__lead_provider",
        "staff",
    )
    search_fields = (
        "declaration__application__participant__full_name",
        "declaration__application__participant__email",
        "declaration__application__participant__teacher_reference_number",
    )
    search_ids = ("id", "declaration__id", "declaration__application__participant__id")
    readonly_fields = (
        "id",
        link_to_rows("outcomes_notification", "outcome__id__exact", "notifications"),
    )


@admin.register(Notification)
class NotificationAdmin(ReadOnlyModelAdmin):
    """Messages owed to participants."""

    list_display = (
        "id",
        link_to("outcome__declaration__application__participant", "participant"),
        link_to("outcome", "outcome"),
        "created_at",
    )
    list_select_related = ("outcome__declaration__application__participant",)
    search_fields = (
        "outcome__declaration__application__participant__full_name",
        "outcome__declaration__application__participant__email",
    )
    search_ids = ("id", "outcome__id")
    readonly_fields = ("id",)
