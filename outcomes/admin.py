"""The admin of outcomes and notifications."""

from functools import partial
from types import MappingProxyType

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from npq_portal.admin import (
    CommandAdmin,
    HistoryInline,
    ReadOnlyInline,
    ReadOnlyModelAdmin,
    link_to,
    link_to_rows,
)
from outcomes.forms import SendAgainForm
from outcomes.models import Notification, NotificationAttempt, NotificationResend, Outcome
from outcomes.services import send_again
from participants.admin import PersonalRecordAdmin

BY_APPLICATION = (
    "-declaration__application__created_at",
    "-declaration__application_id",
    "-created_at",
    "-id",
)


@admin.register(Outcome)
class OutcomeAdmin(PersonalRecordAdmin):
    """Outcomes: all rows of every declaration's history."""

    list_display = (
        "state",
        link_to("declaration__application__participant", "participant"),
        link_to("declaration", "declaration"),
        link_to("declaration__lead_provider", "declared by"),
        "completion_date",
        "actor_name",
        "created_at",
    )
    list_filter = (
        "declaration__lead_provider",
        "declaration__application__cohort",
        "declaration__application__course",
        "state",
        "created_at",
    )
    list_select_related = (
        "declaration__application__participant",
        "declaration__application__course",
        "declaration__lead_provider",
        "token__lead_provider",
        "staff",
    )
    ordering = ("-created_at", "-id")
    filtered_ordering = MappingProxyType({"declaration__application__cohort": BY_APPLICATION})
    sortable_by = ("created_at",)
    person = "declaration__application__participant"
    search_fields = ("declaration__application__participant__full_name",)
    search_ids = (
        "id",
        "declaration__id",
        "declaration__application__id",
        "declaration__application__participant__id",
    )
    readonly_fields = (
        "id",
        link_to_rows("outcomes_notification", "outcome__id__exact", "notifications"),
    )


class NotificationAttemptInline(ReadOnlyInline):
    """What was tried to send a notification."""

    model = NotificationAttempt
    fields = ("id", "copy", "channel", "started_at", "ended_at", "result", "note")
    readonly_fields = fields


class NotificationResendInline(HistoryInline):
    """When staff had a notification sent again."""

    model = NotificationResend
    verbose_name_plural = "sent again by staff"
    fields = ("at", "from_state", "actor_name", "reason")
    readonly_fields = fields


@admin.register(Notification)
class NotificationAdmin(CommandAdmin):
    """Messages owed to participants, which staff can have sent again (rules 9.8)."""

    list_display = (
        "id",
        link_to("outcome__declaration__application__participant", "participant"),
        link_to("outcome", "outcome"),
        "state",
        "tries",
        "due_at",
        "created_at",
    )
    list_filter = ("state",)
    list_select_related = ("outcome__declaration__application__participant",)
    search_fields = (
        "outcome__declaration__application__participant__full_name",
        "outcome__declaration__application__participant__email",
    )
    search_ids = ("id", "outcome__id")
    readonly_fields = ("id",)
    exclude = ("lease",)
    inlines = (NotificationAttemptInline, NotificationResendInline)

    def get_urls(self) -> list[URLPattern]:
        page = path(
            "<path:object_id>/send-again/",
            self.admin_site.admin_view(self.send_again_view),
            name="outcomes_notification_send_again",
        )
        return [page, *super().get_urls()]

    def send_again_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why, and have a notification sent again."""
        if not request.user.has_perm("outcomes.change_notification"):
            raise PermissionDenied
        notification = self.get_object(request, unquote(object_id))
        if notification is None:
            raise Http404
        seen = {"attempts_seen": notification.attempts.count()}
        form = SendAgainForm(request.POST or None, initial=seen)
        if self.run(request, form, partial(send_again, notification_id=notification.pk)):
            messages.success(request, "The notification will be sent again.")
            return redirect("admin:outcomes_notification_change", notification.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Send again",
            "original": notification,
            "form": form,
        }
        return TemplateResponse(request, "admin/outcomes/notification/send_again.html", context)


@admin.register(NotificationAttempt)
class NotificationAttemptAdmin(ReadOnlyModelAdmin):
    """What was tried to send all notifications."""

    list_display = (
        "id",
        link_to("notification", "notification"),
        "channel",
        "result",
        "note",
        "started_at",
        "ended_at",
    )
    list_filter = ("result", "channel")
    list_select_related = ("notification",)
    search_fields = ("note",)
    search_ids = ("id", "notification__id")
    readonly_fields = ("id",)


@admin.register(NotificationResend)
class NotificationResendAdmin(ReadOnlyModelAdmin):
    """The notifications that staff had sent again."""

    list_display = (
        "at",
        link_to("notification", "notification"),
        "from_state",
        "actor_name",
        "reason",
    )
    list_filter = ("from_state",)
    list_select_related = ("notification", "token__lead_provider", "staff")
    search_fields = ("reason",)
    search_ids = ("notification__id",)
