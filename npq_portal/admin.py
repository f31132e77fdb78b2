"""What every page of the admin shares: records are looked at, and changed only by commands."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import DataError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.http import urlencode
from simple_history.admin import SimpleHistoryAdmin

from npq_portal.errors import Refused
from npq_portal.history import Actor

Result = TypeVar("Result")

LONGEST_KEY = 18
"""How many digits every 64-bit integer can have."""

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


class BoundedPaginator(Paginator):
    """Pages of at most ``MOST`` rows: nobody turns more, and counting millions takes seconds."""

    MOST = 5_000

    @cached_property
    def keys(self) -> list[Any]:
        """Read the keys of all rows, in no order; of more than ``MOST``, one more than that."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return list(rows.order_by().values_list("pk", flat=True)[: self.MOST + 1])

    @cached_property
    def count(self) -> int:
        """Count the rows that are paged."""
        return min(len(self.keys), self.MOST)

    @property
    def is_complete(self) -> bool:
        """Whether all rows are paged."""
        return len(self.keys) <= self.MOST

    @property
    def count_in_words(self) -> str:
        """The number of rows there are, as far as they were counted."""
        return f"{self.count:,}" if self.is_complete else f"more than {self.MOST:,}"


class ForgivingChangeList(ChangeList):
    """A list that leads to all rows whoever asks for a value that the database can't hold."""

    def get_results(self, request: HttpRequest) -> None:
        """Set the rows of the page that is asked for, and how many there are."""
        try:
            super().get_results(request)
        except (ValueError, OverflowError, DataError) as error:
            raise IncorrectLookupParameters(error) from error


class BoundedChangeList(ForgivingChangeList):
    """A list whose rows are chosen by their keys first, and read with what they join after.

    A database that joins and sorts at once often reads a whole table in order to find a few rows.
    So few rows are found without an order and then sorted, and of many the first are read in the
    order of an index; but of many that a search found, some are sorted, as names hang together
    with what is searched for and an index would be read from its beginning.
    """

    paginator: BoundedPaginator

    def get_results(self, request: HttpRequest) -> None:
        """Set the rows of the page that is asked for, and how many there are."""
        super().get_results(request)
        order = self.queryset.query.order_by
        rows = self.apply_select_related(self.root_queryset)
        self.result_list = rows.filter(pk__in=self._keys_of_page(order)).order_by(*order)

    def _keys_of_page(self, order: Sequence[Any]) -> list[Any]:
        first = (self.page_num - 1) * self.list_per_page
        page = slice(first, min(first + self.list_per_page, self.paginator.MOST))
        if not (self.paginator.is_complete or self.query):
            return list(self.queryset.order_by(*order).values_list("pk", flat=True)[page])
        chosen = self.model._default_manager.filter(pk__in=self.paginator.keys)  # noqa: SLF001 - as managers are
        # All of them, not a page: for a few the database would read an index from its beginning.
        return list(chosen.order_by(*order).values_list("pk", flat=True))[page]


class ReadOnlyModelAdmin(ReadOnly, admin.ModelAdmin):
    """Lists, finds and shows the rows of a model; what a list costs does not grow with the rows.

    ``search_ids`` are the lookups that a whole UUID in the search box is compared with, each from
    an index; any other text is looked for in ``search_fields``. ``filtered_ordering`` is the order
    for a filter whose rows lie together in the usual one, so that this would pass over all others
    before the first of them.
    """

    actions = None
    list_per_page = 50
    list_max_show_all = 50
    paginator = BoundedPaginator
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    search_ids: Sequence[str] = ()
    filtered_ordering: Mapping[str, Sequence[str]] = MappingProxyType({})
    has_versions = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return BoundedChangeList

    def get_ordering(self, request: HttpRequest) -> Any:
        """Return the order for the filters that are used, else the usual one."""
        for path, ordering in self.filtered_ordering.items():
            if any(parameter.startswith(f"{path}__") for parameter in request.GET):
                return ordering
        return super().get_ordering(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        wanted = _uuid(search_term)
        if wanted is None or not self.search_ids:
            return self.get_text_results(request, queryset, search_term)
        # One after the other: an OR over several tables would read them all. Only one can have it.
        for lookup in self.search_ids:
            found = queryset.filter((lookup, wanted))
            if found.exists():
                return found, False
        return queryset.none(), False

    def get_text_results(
        self, request: HttpRequest, queryset: QuerySet[Any], text: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows that ``text`` finds, and whether they may come up more than once."""
        return super().get_search_results(request, queryset, text)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["leads_to_history"] = self.has_versions
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the versions, or lead to the record's page, where what happened is told."""
        if self.has_versions:
            _check_key(self.model, unquote(object_id))
            return super().history_view(request, object_id, extra_context)
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)


class ReadOnlyHistoryAdmin(ReadOnlyModelAdmin, SimpleHistoryAdmin):
    """The same for a model with a ``history``, which gets a page of its own."""

    has_versions = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        # The page of a version has an input for each field that is not among these.
        named = super().get_readonly_fields(request, obj)
        fields = (field for field in self.opts.fields if field.editable and not field.primary_key)
        return [*(field.name for field in fields if field.name not in named), *named]

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an earlier version; were it posted, it would be saved for whoever may view it."""
        if request.method == "POST":
            raise PermissionDenied
        _check_key(self.model, object_id)
        _check_key(self.model.history.model, version_id)
        answer: HttpResponse = super().history_form_view(
            request, object_id, version_id, extra_context
        )
        return answer


def tell_refused(
    form: forms.BaseForm, refused: Refused, fields: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Let a form show why a command was refused, at the fields where it is about one.

    ``fields`` says which field is meant where a refusal names an attribute otherwise.
    """
    for refusal in refused.refusals:
        name = fields.get(refusal.attribute, refusal.attribute)
        at = name if name in form.fields else None
        form.add_error(at, [ValidationError(it) for it in refusal.sentences])


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
            tell_refused(form, refused)
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


class JoinedChoicesFilter(RelatedFieldListFilter):
    """A filter by a related row whose name is made of other rows: these are joined."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        """Return the key and the name of each row, as the list of its own model has them."""
        related = model_admin.admin_site.get_model_admin(field.related_model)
        rows = related.get_queryset(request).select_related(*related.list_select_related)
        return [(row.pk, str(row)) for row in self.offered(rows, request)]

    def offered(self, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        """Return those of ``rows`` that can be chosen."""
        return rows


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


def _check_key(model: type[Model], text: str) -> None:
    """Raise Http404 where ``text`` is no key that a row of ``model`` can have."""
    try:
        model._meta.pk.to_python(text)  # noqa: SLF001 - documented for use by everybody
    except ValidationError as error:
        raise Http404 from error


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def parse_key(text: str) -> int | None:
    """Return the key that ``text`` is; None where it is none, or larger than any database has."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_KEY else None


def link_to(path: str, description: str, says: str = "") -> Any:
    """Return a column that links to the row at ``path``, as ``application__participant``.

    The link is that row's name, or what ``says``, as ``course__short_name``, leads to from there.
    The list must select what both pass through. A callable, typed Any because the stubs know
    ``readonly_fields`` as names only.
    """

    @admin.display(description=description, empty_value="-")
    def column(row: Any) -> str:
        linked = _at(row, path)
        return _link(linked, _at(linked, says) if says else linked) if linked is not None else ""

    return column


def _at(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name, None)
    return row


def page_of(row: Model) -> str:
    """Return the URL of the page of ``row``."""
    options = row._meta  # noqa: SLF001 - documented for use by everybody
    return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[row.pk])


def _link(row: Model, text: Any) -> str:
    return format_html('<a href="{}">{}</a>', page_of(row), text)


def link_to_rows(model: str, lookup: str, description: str) -> Any:
    """Return a field that links to the list of ``model`` (as ``app_model``) of the row shown.

    ``lookup`` is what the list is filtered by, as ``participant__id__exact``. Typed as ``link_to``.
    """

    @admin.display(description=description)
    def field(row: Any) -> str:
        url = reverse(f"admin:{model}_changelist")
        return format_html('<a href="{}?{}">Show</a>', url, urlencode({lookup: row.pk}))

    return field
