"""Participants: finding them, and the page with everything about one (rules 13.6 and 13.7)."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from npq_portal.admin import BoundedChangeList, ReadOnlyHistoryAdmin, page_of
from npq_portal.back_office.admin.filters import APPLICATION_FILTERS
from npq_portal.back_office.corrections.preview import undoable_corrections
from npq_portal.back_office.finding import find_one
from npq_portal.back_office.participant_page import records_of
from npq_portal.back_office.timeline import LATEST, timeline_of
from participants.admin import PersonalRecordAdmin
from participants.models import Participant

BEFORE = "before"
"""The parameter of an instant before which the timeline is shown."""


class WithApplications(BoundedChangeList):
    """The list of participants, with what they applied for or where they were merged into."""

    def apply_select_related(self, qs: QuerySet[Any]) -> QuerySet[Any]:
        """Read the applications of all rows of a page at once."""
        rows = qs.select_related("id_change__survivor")
        return rows.prefetch_related("applications__course", "applications__lead_provider")


@admin.register(Participant)
class ParticipantAdmin(PersonalRecordAdmin, ReadOnlyHistoryAdmin):
    """Participants."""

    list_display = (
        "name",
        "email",
        "teacher_reference_number",
        "teacher_reference_number_validated",
        "applied_for",
        "created_at",
    )
    list_filter = (*APPLICATION_FILTERS, "teacher_reference_number_validated")
    ordering = ("sorted_name", "id")
    sortable_by = ("name",)
    person = "pk"
    search_fields = ("full_name",)
    search_ids = ("id",)

    class Media:
        css = {"all": ("back_office/participant.css",)}

    @admin.display(description="name", ordering="sorted_name")
    def name(self, row: Participant) -> str:
        return row.full_name

    @admin.display(description="applications")
    def applied_for(self, row: Participant) -> str:
        if row.survivor != row:
            return format_html(
                'merged into <a href="{}">{}</a>', page_of(row.survivor), row.survivor
            )
        applications = sorted(row.applications.all(), key=lambda it: (it.created_at, it.id))
        return format_html_join(
            "",
            "<div>{} with {} ({})</div>",
            (
                (it.course.short_name, it.lead_provider, it.training_status or it.status)
                for it in applications
            ),
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return WithApplications

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go straight to the only one whom a search can mean, else list who was found."""
        if request.GET.keys() == {SEARCH_VAR} and self.has_view_permission(request):
            permissions = request.user.get_all_permissions()
            found = find_one(request.GET[SEARCH_VAR], permissions=permissions)
            if found is not None:
                page = reverse("admin:participants_participant_change", args=[found.participant_id])
                return redirect(f"{page}#{found.record}" if found.record else page)
        return super().changelist_view(request, extra_context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the participant, all records and the timeline."""
        participant = self.get_object(request, object_id)
        if participant is not None and self.has_view_permission(request, participant):
            permissions = request.user.get_all_permissions()
            before = _before(request)
            extra_context = {
                **(extra_context or {}),
                "title": participant.full_name,
                "subtitle": None,
                "records": records_of(participant, permissions=permissions),
                "undoable": undoable_corrections(participant),
                "timeline": timeline_of(
                    participant, permissions=permissions, before=before, size=LATEST
                ),
                "before": before,
                "at_once": LATEST,
            }
        return super().change_view(request, object_id, form_url, extra_context)


def _before(request: HttpRequest) -> datetime | None:
    """Return the UTC instant before which the timeline is asked for; None where it is no instant.

    It is written to the microsecond, as instants are kept.
    """
    try:
        instant = datetime.fromisoformat(request.GET.get(BEFORE, ""))
        return instant.astimezone(UTC) if instant.tzinfo else None
    except (ValueError, OverflowError):
        return None
