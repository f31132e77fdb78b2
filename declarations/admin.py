"""The admin of declarations, statements and their history."""

from django.contrib import admin

from declarations.models import (
    Declaration,
    DeclarationEvent,
    PaymentPeriod,
    Statement,
    StatementEvent,
)
from npq_portal.admin import HistoryInline, ReadOnlyModelAdmin, link_to, link_to_rows


@admin.register(PaymentPeriod)
class PaymentPeriodAdmin(ReadOnlyModelAdmin):
    """Payment periods."""

    list_display = (
        "name",
        link_to("cohort", "cohort"),
        "deadline_date",
        "payment_date",
        "for_every_provider",
    )
    list_filter = ("cohort", "for_every_provider")
    list_select_related = ("cohort",)
    search_fields = ("name",)
    readonly_fields = (link_to_rows("declarations_statement", "period__id__exact", "statements"),)


class StatementEventInline(HistoryInline):
    """The history of a statement."""

    model = StatementEvent
    fields = ("at", "from_state", "to_state", "actor_name", "reason")
    readonly_fields = fields


@admin.register(Statement)
class StatementAdmin(ReadOnlyModelAdmin):
    """Statements."""

    list_display = (
        "id",
        link_to("lead_provider", "lead provider"),
        link_to("period", "period"),
        "state",
        "created_at",
        "updated_at",
    )
    list_filter = ("state", "lead_provider", "period__cohort")
    list_select_related = ("lead_provider", "period__cohort")
    search_fields = ("lead_provider__name", "period__name")
    search_ids = ("id", "lead_provider__id")
    readonly_fields = (
        "id",
        link_to_rows("declarations_declaration", "statement__id__exact", "declarations"),
        link_to_rows("declarations_declaration", "clawback_statement__id__exact", "clawbacks"),
    )
    inlines = (StatementEventInline,)


@admin.register(StatementEvent)
class StatementEventAdmin(ReadOnlyModelAdmin):
    """The history of all statements."""

    list_display = (
        "at",
        link_to("statement", "statement"),
        "from_state",
        "to_state",
        "actor_name",
        "reason",
    )
    list_filter = ("to_state", "statement__lead_provider")
    list_select_related = (
        "statement__lead_provider",
        "statement__period__cohort",
        "token__lead_provider",
        "staff",
    )
    search_fields = ("reason", "command", "statement__period__name")
    search_ids = ("statement__id",)


class DeclarationEventInline(HistoryInline):
    """The history of a declaration."""

    model = DeclarationEvent
    fields = ("at", "from_state", "to_state", "actor_name", "reason")
    readonly_fields = fields


@admin.register(Declaration)
class DeclarationAdmin(ReadOnlyModelAdmin):
    """Declarations."""

    list_display = (
        "id",
        link_to("application__participant", "participant"),
        link_to("application__course", "course"),
        "declaration_type",
        "declaration_date",
        "state",
        link_to("lead_provider", "submitted by"),
        link_to("statement", "statement"),
        "created_at",
        "updated_at",
    )
    list_filter = ("state", "declaration_type", "lead_provider", "application__cohort")
    list_select_related = (
        "application__participant",
        "application__course",
        "lead_provider",
        "statement__lead_provider",
        "statement__period__cohort",
    )
    search_fields = (
        "application__participant__full_name",
        "application__participant__email",
        "application__participant__teacher_reference_number",
    )
    search_ids = ("id", "application__id", "application__participant__id")
    readonly_fields = (
        "id",
        link_to_rows("outcomes_outcome", "declaration__id__exact", "outcomes"),
        link_to_rows("declarations_declaration", "duplicate_of__id__exact", "duplicates"),
    )
    inlines = (DeclarationEventInline,)


@admin.register(DeclarationEvent)
class DeclarationEventAdmin(ReadOnlyModelAdmin):
    """The history of all declarations."""

    list_display = (
        "at",
        link_to("declaration", "declaration"),
        "from_state",
        "to_state",
        "actor_name",
        "reason",
    )
    list_filter = ("to_state", "declaration__lead_provider")
    list_select_related = ("declaration", "token__lead_provider", "staff")
    search_fields = ("reason", "command", "declaration__application__participant__full_name")
    search_ids = ("declaration__id",)
