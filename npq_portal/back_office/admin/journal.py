"""The admin of the journal of providers' write requests (rules 13.5)."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from npq_portal.admin import ReadOnlyModelAdmin, link_to
from npq_portal.back_office.models import ProviderRequest
from npq_portal.identifiers import parse_id


class StatusClassFilter(admin.SimpleListFilter):
    """What became of a request: the first digit of its status."""

    title = "status"
    parameter_name = "status_class"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("2", "2xx: done"), ("4", "4xx: refused"), ("5", "5xx: failed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        lowest = int(str(self.value())) * 100
        return queryset.filter(status__gte=lowest, status__lt=lowest + 100)


@admin.register(ProviderRequest)
class ProviderRequestAdmin(ReadOnlyModelAdmin):
    """Providers' write requests."""

    list_display = (
        "at",
        link_to("lead_provider", "lead provider"),
        "method",
        "path",
        "status",
        "request_id",
        link_to("participant", "participant"),
    )
    list_filter = ("lead_provider", "method", StatusClassFilter, "at")
    list_select_related = ("lead_provider", "participant")
    ordering = ("-at", "-id")
    search_help_text = (
        "A request ID, a path, or the id of a participant, a lead provider or a token: all of it."
    )
    search_fields = ("request_id",)  # shows the box; what is found is said below
    fields = readonly_fields = (
        "id",
        "at",
        "lead_provider",
        "token",
        "participant",
        "method",
        "path",
        "status",
        "request_id",
        "shown_body",
        "body_is_cut",
        "shown_answer",
        "answer_is_cut",
    )

    class Media:
        css = {"all": ("back_office/journal.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderRequest]:
        return super().get_queryset(request).defer("body", "answer")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(request_id=term) | Q(path=term)
        identifier = parse_id(term)
        if identifier is not None:
            for lookup in ("id", "participant", "lead_provider", "token"):
                wanted |= Q((lookup, identifier))
        return queryset.filter(wanted), False

    @admin.display(description="body")
    def shown_body(self, row: ProviderRequest) -> str:
        return _preformatted(row.body)

    @admin.display(description="answer")
    def shown_answer(self, row: ProviderRequest) -> str:
        return _preformatted(row.answer)


def _preformatted(text: str) -> str:
    return format_html('<pre class="sent">{}</pre>', _indented(text))


def _indented(text: str) -> str:
    """Return JSON with a line for each value, any other text as it is."""
    try:
        pretty = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
    # JSON can spell halves of characters, which no page can show.
    return pretty.encode(errors="backslashreplace").decode()
