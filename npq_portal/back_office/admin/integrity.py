"""The admin of integrity checks (rules 11.12)."""

from django.contrib import admin
from django.utils.html import format_html_join

from npq_portal.admin import ReadOnlyModelAdmin
from npq_portal.back_office.models import IntegrityCheck


@admin.register(IntegrityCheck)
class IntegrityCheckAdmin(ReadOnlyModelAdmin):
    """Integrity checks."""

    list_display = ("started_at", "ended_at", "findings")
    fields = readonly_fields = ("started_at", "ended_at", "findings", "sentences")

    @admin.display(description="first findings")
    def sentences(self, row: IntegrityCheck) -> str:
        return format_html_join("", "<p>{}</p>", ((sentence,) for sentence in row.first_findings))
