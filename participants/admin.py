"""The admin of participants, their applications and their history."""

from django.contrib import admin

from npq_portal.admin import (
    HistoryInline,
    ReadOnlyHistoryAdmin,
    ReadOnlyInline,
    ReadOnlyModelAdmin,
    link_to,
    link_to_rows,
)
from participants.models import Application, ApplicationEvent, Participant, ParticipantListing

PERSON = (
    "participant__full_name",
    "participant__email",
    "participant__teacher_reference_number",
)


class ApplicationInline(ReadOnlyInline):
    """The applications of a participant."""

    model = Application
    fields = (
        "lead_provider_name",
        "course_identifier",
        "cohort_year",
        "status",
        "training_status",
        "created_at",
    )
    readonly_fields = fields
    related = ("lead_provider", "course", "cohort")

    @admin.display(description="lead provider")
    def lead_provider_name(self, row: Application) -> str:
        return row.lead_provider.name

    @admin.display(description="course")
    def course_identifier(self, row: Application) -> str:
        return row.course.identifier

    @admin.display(description="cohort")
    def cohort_year(self, row: Application) -> int:
        return row.cohort.start_year


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyHistoryAdmin):
    """Participants."""

    list_display = (
        "full_name",
        "email",
        "teacher_reference_number",
        "teacher_reference_number_validated",
        "created_at",
        "updated_at",
    )
    list_filter = ("teacher_reference_number_validated",)
    search_fields = ("full_name", "email", "teacher_reference_number")
    search_ids = ("id",)
    readonly_fields = (
        "id",
        link_to_rows("participants_participantlisting", "participant__id__exact", "listings"),
    )
    inlines = (ApplicationInline,)


@admin.register(ParticipantListing)
class ParticipantListingAdmin(ReadOnlyModelAdmin):
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
    search_fields = PERSON
    search_ids = ("participant__id",)


class ApplicationEventInline(HistoryInline):
    """The history of an application."""

    model = ApplicationEvent
    fk_name = "application"
    fields = ("at", "kind", "before", "after", "actor_name", "reason")
    readonly_fields = fields


@admin.register(Application)
class ApplicationAdmin(ReadOnlyModelAdmin):
    """Applications."""

    list_display = (
        "id",
        link_to("participant", "participant"),
        link_to("lead_provider", "lead provider"),
        link_to("course", "course"),
        link_to("cohort", "cohort"),
        "status",
        "training_status",
        "accepted_at",
        "created_at",
        "updated_at",
    )
    list_filter = ("status", "training_status", "lead_provider", "cohort", "course")
    list_select_related = ("participant", "lead_provider", "course", "cohort")
    search_fields = PERSON
    search_ids = ("id", "participant__id")
    readonly_fields = (
        "id",
        link_to_rows("declarations_declaration", "application__id__exact", "declarations"),
    )
    inlines = (ApplicationEventInline,)


@admin.register(ApplicationEvent)
class ApplicationEventAdmin(ReadOnlyModelAdmin):
    """The history of all applications."""

    list_display = ("at", "kind", link_to("application", "application"), "actor_name", "reason")
    list_filter = ("kind", "application__lead_provider")
    list_select_related = ("application__course", "token__lead_provider", "staff")
    search_fields = ("reason", "command", "application__participant__full_name")
    search_ids = ("application__id", "application__participant__id")
