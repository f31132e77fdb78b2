"""The admin of applications and their history; the participants' own is in the back office."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from npq_portal.admin import HistoryInline, ReadOnlyModelAdmin, link_to, link_to_rows
from participants.models import (
    Application,
    ApplicationEvent,
    ParticipantIdChange,
    ParticipantListing,
    people_found_by,
)
from schedules.admin import ScheduleFilter


class PersonalRecordAdmin(ReadOnlyModelAdmin):
    """Records of people, found by the words that these are found by (rules 13.6).

    ``person`` is the lookup of the participant, which a subclass's ``search_fields`` begin with:
    Django shows the search box for them.
    """

    person = "participant"
    search_help_text = "Words of the name, the e-mail address, the TRN, or a whole id."

    def get_text_results(
        self, request: HttpRequest, queryset: QuerySet[Any], text: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the records of the people whom ``text`` finds."""
        if not text.strip():
            return queryset, False
        return queryset.filter(people_found_by(text, self.person)), False


@admin.register(ParticipantListing)
class ParticipantListingAdmin(PersonalRecordAdmin):
    """Participants' places in the lists of providers."""

    list_display = (
        "id",
        link_to("participant", "participant"),
        link_to("lead_provider", "lead provider"),
        "participant_created_at",
        "updated_at",
    )
    list_filter = ("lead_provider",)
    list_select_related = ("participant", "lead_provider")
    sortable_by = ()
    search_fields = ("participant__full_name",)
    search_ids = ("participant__id",)


@admin.register(ParticipantIdChange)
class ParticipantIdChangeAdmin(PersonalRecordAdmin):
    """Records that were merged into another of the same person (rules 14.2)."""

    list_display = (
        "at",
        link_to("from_participant", "merged record"),
        link_to("survivor", "participant"),
        "actor_name",
        "reason",
    )
    list_select_related = ("from_participant", "survivor", "token__lead_provider", "staff")
    ordering = ("-at", "-id")
    sortable_by = ()
    person = "survivor"
    search_fields = ("survivor__full_name",)
    search_ids = ("from_participant__id", "to_participant__id", "survivor__id")


class ApplicationEventInline(HistoryInline):
    """The history of an application."""

    model = ApplicationEvent
    fk_name = "application"
    fields = ("at", "kind", "before", "after", "actor_name", "reason")
    readonly_fields = fields


@admin.register(Application)
class ApplicationAdmin(PersonalRecordAdmin):
    """Applications."""

    list_display = (
        "course_name",
        link_to("participant", "participant"),
        link_to("lead_provider", "lead provider"),
        link_to("cohort", "cohort"),
        link_to("schedule", "schedule", says="identifier"),
        "status",
        "training_status",
        "eligible_for_funding",
        "accepted_at",
        "created_at",
    )
    list_filter = (
        "lead_provider",
        "cohort",
        "course",
        ("schedule", ScheduleFilter),
        "status",
        "training_status",
        "eligible_for_funding",
        "created_at",
    )
    list_select_related = ("participant", "lead_provider", "course", "cohort", "schedule")
    ordering = ("-created_at", "-id")
    sortable_by = ("created_at",)
    search_fields = ("participant__full_name",)
    search_ids = ("id", "participant__id")
    readonly_fields = (
        "id",
        link_to_rows("declarations_declaration", "application__id__exact", "declarations"),
        link_to_rows("participants_applicationevent", "application__id__exact", "history"),
    )
    inlines = (ApplicationEventInline,)

    @admin.display(description="application")
    def course_name(self, row: Application) -> str:
        return row.course.short_name


@admin.register(ApplicationEvent)
class ApplicationEventAdmin(PersonalRecordAdmin):
    """The history of all applications."""

    list_display = (
        "at",
        "kind",
        link_to("application", "application"),
        link_to("application__lead_provider", "lead provider"),
        "actor_name",
        "reason",
    )
    list_filter = ("kind", "application__lead_provider", "at")
    list_select_related = (
        "application__participant",
        "application__course",
        "application__lead_provider",
        "token__lead_provider",
        "staff",
    )
    ordering = ("-at", "-id")
    sortable_by = ("at",)
    person = "application__participant"
    search_fields = ("application__participant__full_name",)
    search_ids = ("application__id", "application__participant__id")
