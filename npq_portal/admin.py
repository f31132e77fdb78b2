"""What every page of the admin shares: records are looked at, and changed only by commands."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from simple_history.admin import SimpleHistoryAdmin

from npq_portal.errors import Refused
from npq_portal.history import Actor

Result = TypeVar("Result")

admin.site.site_header = "NPQ Portal"
admin.site.site_title = "NPQ Portal"
admin.site.index_title = "Records of NPQ training"
admin.site.site_url = None  # there is no other site to view


class ReadOnly:
    """Nothing is added, changed or deleted; who may view is left to Django's permissions."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyModelAdmin(ReadOnly, admin.ModelAdmin):
    """Lists, finds and shows the rows of a model.

    ``search_ids`` are the lookups that a whole UUID in the search box is compared with, each from
    an index; any other text is looked for in ``search_fields``.
    """

    actions = None
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    search_ids: Sequence[str] = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        wanted = _uuid(search_term)
        if wanted is None or not self.search_ids:
            return super().get_search_results(request, queryset, search_term)
        is_wanted = Q()
        for lookup in self.search_ids:
            is_wanted |= Q((lookup, wanted))
        return queryset.filter(is_wanted), False


class ReadOnlyHistoryAdmin(ReadOnlyModelAdmin, SimpleHistoryAdmin):
    """The same for a model with a ``history``, which gets a page of its own."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        # The page of a version has an input for each field that is not among these.
        named = super().get_readonly_fields(request, obj)
        fields = (field for field in self.opts.fields if field.editable and not field.primary_key)
        return [*(field.name for field in fields if field.name not in named), *named]

    def history_form_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show an earlier version; were it posted, it would be saved for whoever may view it."""
        if request.method == "POST":
            raise PermissionDenied
        answer: HttpResponse = super().history_form_view(request, *args, **kwargs)
        return answer


class CommandAdmin(ReadOnlyModelAdmin):
    """The same, with pages of its own whose forms run commands."""

    def run(
        self, request: HttpRequest, form: forms.Form, command: Callable[..., Result]
    ) -> Result | None:
        """Run ``command`` with the values of a posted form, in the name of who posted it.

        Returns what it returned, or None when the form was not posted or is faulty, or the command
        refused; the form then says why.
        """
        if request.method != "POST" or not form.is_valid():
            return None
        by = Actor(staff_id=request.user.pk)
        try:
            return command(**form.cleaned_data, by=by, at=timezone.now())
        except Refused as refused:
            for refusal in refused.refusals:
                known = refusal.attribute in form.fields
                form.add_error(refusal.attribute if known else None, refusal.sentence)
            return None

    def command_page(
        self,
        request: HttpRequest,
        form: forms.Form,
        *,
        title: str,
        button: str,
        row: Model | None = None,
    ) -> TemplateResponse:
        """Return the page with the form of a command, on ``row`` where it is about one."""
        fieldsets = [(None, {"fields": list(form.fields)})]
        fields = AdminForm(form, fieldsets, {})  # type: ignore[arg-type] # it takes any form
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "button": button,
            "original": row,
            "form": form,
            "fields": fields,
        }
        return TemplateResponse(request, "admin/command.html", context)


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    """Rows that belong to the one shown; a subclass names what to join, so that rows are cheap."""

    template = "admin/read_only_inline.html"
    extra = 0
    can_delete = False
    show_change_link = True
    related: Sequence[str] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.select_related(*self.related) if self.related else rows


class HistoryInline(ReadOnlyInline):
    """The history rows of the record shown: what changed, when and by whom."""

    verbose_name_plural = "history"
    related = ("token__lead_provider", "staff")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def link_to(path: str, description: str) -> Callable[[Any], str]:
    """Return a column that links to the row at ``path``, as ``application__participant``.

    The list must select what ``path`` passes through.
    """

    @admin.display(description=description, empty_value="-")
    def column(row: Any) -> str:
        for name in path.split("__"):
            row = getattr(row, name, None)
        return _link(row) if row is not None else ""

    return column


def _link(row: Model) -> str:
    options = row._meta  # noqa: SLF001 - documented for use by everybody
    url = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, row)


def link_to_rows(model: str, lookup: str, description: str) -> Any:
    """Return a field that links to the list of ``model`` (as ``app_model``) of the row shown.

    ``lookup`` is what the list is filtered by, as ``participant__id__exact``. A callable, typed
    Any because the stubs know ``readonly_fields`` as names only.
    """

    @admin.display(description=description)
    def field(row: Any) -> str:
        url = reverse(f"admin:{model}_changelist")
        return format_html('<a href="{}?{}">Show</a>', url, urlencode({lookup: row.pk}))

    return field
