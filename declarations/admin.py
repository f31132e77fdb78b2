"""The admin of declarations, statements and their history."""

from collections.abc import Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from declarations.assurance import assurance_rows
from declarations.choices import StatementState
from declarations.figures import Sums, figures_of
from declarations.models import (
    ContractPrice,
    Declaration,
    DeclarationEvent,
    PaymentPeriod,
    Statement,
    StatementEvent,
)
from declarations.services import mark_paid
from npq_portal.admin import (
    HistoryInline,
    JoinedChoicesFilter,
    ReadOnlyHistoryAdmin,
    ReadOnlyModelAdmin,
    link_to,
    link_to_rows,
)
from npq_portal.api.csv_export import download_csv
from npq_portal.errors import Refused
from npq_portal.history import Actor
from participants.admin import PersonalRecordAdmin
from schedules.admin import ScheduleFilter

BY_APPLICATION = ("-application__created_at", "-application_id", "-created_at", "-id")


@admin.register(ContractPrice)
class ContractPriceAdmin(ReadOnlyHistoryAdmin):
    """What contracts pay."""

    list_display = (
        "id",
        link_to("lead_provider", "lead provider"),
        link_to("cohort", "cohort"),
        link_to("course", "course"),
        "price_per_participant",
    )
    list_filter = ("lead_provider", "cohort", "course")
    list_select_related = ("lead_provider", "cohort", "course")
    search_fields = ("lead_provider__name", "course__identifier")


@admin.register(PaymentPeriod)
class PaymentPeriodAdmin(ReadOnlyHistoryAdmin):
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

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the period with what each provider is paid (rules 10.9)."""
        context = dict(extra_context or {})
        period = self.get_object(request, object_id)
        if period is not None and self.has_view_permission(request, period):
            statements = period.statements.select_related("lead_provider")
            in_order = statements.order_by("lead_provider__name")
            figures = figures_of([it.pk for it in in_order])
            context["statements"] = [(it, figures[it.pk].sums) for it in in_order]
        return super().change_view(request, object_id, form_url, context)


class StatementEventInline(HistoryInline):
    """The history of a statement."""

    model = StatementEvent
    fields = ("at", "from_state", "to_state", "actor_name", "reason")
    readonly_fields = fields


class Authorisation(forms.Form):
    """What somebody saw and authorises."""

    declarations = forms.IntegerField(widget=forms.HiddenInput)
    clawbacks = forms.IntegerField(widget=forms.HiddenInput)
    total = forms.DecimalField(widget=forms.HiddenInput, required=False)


@admin.register(Statement)
class StatementAdmin(ReadOnlyModelAdmin):
    """Statements: what they say, and authorising them for payment (rules 10.9 to 10.11)."""

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

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of one statement."""
        view = self.admin_site.admin_view
        return [
            path(
                "<uuid:statement_id>/authorise/",
                view(self.authorise),
                name="declarations_statement_authorise",
            ),
            path(
                "<uuid:statement_id>/declarations.csv",
                view(self.assurance),
                name="declarations_statement_assurance",
            ),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a statement, and the way to authorise it where this user may."""
        context = dict(extra_context or {})
        statement = self.get_object(request, object_id)
        if statement is not None:
            context["figures"] = figures_of([statement.pk])[statement.pk]
            payable = statement.state == StatementState.PAYABLE
            context["can_authorise"] = payable and self.may_authorise(request)
        return super().change_view(request, object_id, form_url, context)

    @staticmethod
    def may_authorise(request: HttpRequest) -> bool:
        """Return whether the user may authorise payment (rules 13.1)."""
        return request.user.has_perm("declarations.authorise_statement")

    def authorise(self, request: HttpRequest, statement_id: UUID) -> HttpResponse:
        """Ask for confirmation, and then mark the statement paid (rules 10.10)."""
        if not self.may_authorise(request):
            raise PermissionDenied
        statement = self._statement(request, statement_id)
        form = Authorisation(request.POST or None)
        if not form.is_valid():
            return self._ask(request, statement)
        by, seen = Actor(staff_id=request.user.pk), Sums(**form.cleaned_data)
        try:
            paid = mark_paid(statement_id=statement.pk, seen=seen, by=by, at=timezone.now())
        except Refused as refused:
            return self._ask(request, statement, [it.sentence for it in refused.refusals])
        said = "is marked as paid" if paid else "was paid already; nothing changed"
        self.message_user(request, f"{statement} {said}.", messages.SUCCESS)
        return redirect("admin:declarations_statement_change", statement.pk)

    def _ask(
        self, request: HttpRequest, statement: Statement, refusals: Sequence[str] = ()
    ) -> HttpResponse:
        figures = figures_of([statement.pk])[statement.pk]
        payable = statement.state == StatementState.PAYABLE
        context = {
            **self.admin_site.each_context(request),
            "title": "Authorise for payment",
            "opts": self.opts,
            "statement": statement,
            "figures": figures,
            "form": Authorisation(initial=asdict(figures.sums)) if payable else None,
            "refusals": refusals,
        }
        template = "admin/declarations/statement/authorise.html"
        return TemplateResponse(request, template, context)

    def assurance(self, request: HttpRequest, statement_id: UUID) -> StreamingHttpResponse:
        """Answer a line for each declaration, for assurance (rules 10.11)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        statement = self._statement(request, statement_id)
        return download_csv(assurance_rows(statement), f"statement-{statement_id}.csv")

    def _statement(self, request: HttpRequest, statement_id: UUID) -> Statement:
        statement = self.get_object(request, str(statement_id))
        if statement is None:
            raise Http404
        return statement


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


class PeriodFilter(JoinedChoicesFilter):
    """A filter by period, which names its statements: an index has the declarations of each."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """Return the declarations on a statement of the chosen period."""
        periods: Any = self.used_parameters.get(self.lookup_kwarg)
        if not periods:
            return super().queryset(request, queryset)
        try:
            statements = list(
                Statement.objects.filter(period__in=periods).values_list("pk", flat=True)
            )
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error
        return queryset.filter(statement__in=statements)


class DeclarationEventInline(HistoryInline):
    """The history of a declaration."""

    model = DeclarationEvent
    fields = ("at", "from_state", "to_state", "actor_name", "reason")
    readonly_fields = fields


@admin.register(Declaration)
class DeclarationAdmin(PersonalRecordAdmin):
    """Declarations."""

    list_display = (
        "declaration_type",
        link_to("application__participant", "participant"),
        link_to("application", "application", says="course__short_name"),
        link_to("lead_provider", "submitted by"),
        "declaration_date",
        "state",
        link_to("statement", "statement", says="period__name"),
        "amount",
        "created_at",
    )
    list_filter = (
        "lead_provider",
        "application__cohort",
        "application__course",
        ("application__schedule", ScheduleFilter),
        "declaration_type",
        "state",
        ("statement__period", PeriodFilter),
        "created_at",
    )
    list_select_related = (
        "application__participant",
        "application__course",
        "lead_provider",
        "statement__lead_provider",
        "statement__period__cohort",
    )
    ordering = ("-created_at", "-id")
    filtered_ordering = MappingProxyType(
        {
            "application__schedule": BY_APPLICATION,
            "application__cohort": BY_APPLICATION,
            "statement__period": ("-statement_id", "-created_at", "-id"),
        }
    )
    sortable_by = ("created_at",)
    person = "application__participant"
    search_fields = ("application__participant__full_name",)
    search_ids = ("id", "application__id", "application__participant__id")
    readonly_fields = (
        "id",
        link_to_rows("outcomes_outcome", "declaration__id__exact", "outcomes"),
        link_to_rows("declarations_declaration", "duplicate_of__id__exact", "duplicates"),
        link_to_rows("declarations_declarationevent", "declaration__id__exact", "history"),
    )
    inlines = (DeclarationEventInline,)


@admin.register(DeclarationEvent)
class DeclarationEventAdmin(PersonalRecordAdmin):
    """The history of all declarations."""

    list_display = (
        "at",
        link_to("declaration", "declaration"),
        link_to("declaration__lead_provider", "submitted by"),
        "from_state",
        "to_state",
        "actor_name",
        "reason",
    )
    list_filter = ("to_state", "declaration__lead_provider", "at")
    list_select_related = (
        "declaration__application__participant",
        "declaration__application__course",
        "declaration__lead_provider",
        "token__lead_provider",
        "staff",
    )
    ordering = ("-at", "-id")
    sortable_by = ("at",)
    person = "declaration__application__participant"
    search_fields = ("declaration__application__participant__full_name",)
    search_ids = (
        "declaration__id",
        "declaration__application__id",
        "declaration__application__participant__id",
    )
