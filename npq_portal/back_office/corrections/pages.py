"""The pages on which a correction is filled in, looked at, confirmed and undone (14.13, 14.14)."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.filters import AllValuesFieldListFilter
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join

from declarations.models import Declaration
from npq_portal.admin import ReadOnlyModelAdmin, link_to, page_of
from npq_portal.back_office.corrections.forms import CorrectionForm
from npq_portal.back_office.corrections.kinds import KINDS, Kind
from npq_portal.back_office.corrections.preview import (
    NOT_UNDOABLE,
    Proposal,
    confirm,
    preview,
    undoable_correction,
    was_just_undone,
)
from npq_portal.back_office.corrections.records import (
    Record,
    application_of,
    load,
    participant_of,
)
from npq_portal.back_office.corrections.steps import page_context, take_step
from npq_portal.back_office.corrections.words import in_words
from npq_portal.back_office.models import Correction
from npq_portal.clock import day_in_words, london_day
from npq_portal.history import Actor
from participants.models import Application, Participant


class KindFilter(AllValuesFieldListFilter):
    """A filter by kind of correction, which names the kinds as their pages do."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": _title(str(choice["display"]))}


class CorrectionAdmin(ReadOnlyModelAdmin):
    """The corrections that staff made, and the pages on which they make them."""

    list_display = (
        "at",
        "kind_title",
        link_to("participant", "participant"),
        "actor_name",
        "reason",
    )
    list_filter = (("kind", KindFilter), "at")
    list_select_related = ("participant", "token__lead_provider", "staff")
    ordering = ("-at", "-id")
    search_fields = ("reason", "participant__full_name")
    search_ids = ("record_id", "participant__id")
    fields = readonly_fields = (
        "at",
        "staff",
        "reason",
        "kind_title",
        link_to("participant", "participant"),
        "record",
        "values_in_words",
        "opposite_title",
        "opposite_in_words",
        link_to("undoes", "undoes"),
        link_to("undone_by", "undone by"),
        link_to("file_row__file", "file"),
    )

    @admin.display(description="kind", ordering="kind")
    def kind_title(self, row: Correction) -> str:
        return _title(row.kind)

    @admin.display(description="record")
    def record(self, row: Correction) -> str:
        kind = KINDS.get(row.kind)
        record = load(kind.about, row.record_id) if kind else None
        if record is None:
            return str(row.record_id)
        name = record._meta.verbose_name  # noqa: SLF001 - documented for use by everybody
        return format_html('<a href="{}">{} {}</a>', page_of(record), name, record.pk)

    @admin.display(description="values")
    def values_in_words(self, row: Correction) -> str:
        return _lines(in_words(row.kind, row.record_id, row.values))

    @admin.display(description="values of what would undo it")
    def opposite_in_words(self, row: Correction) -> str:
        return _lines(in_words(row.opposite_kind, row.record_id, row.opposite_values))

    @admin.display(description="what would undo it")
    def opposite_title(self, row: Correction) -> str:
        return _title(row.opposite_kind)

    def get_urls(self) -> list[URLPattern]:
        protected = self.admin_site.admin_view
        return [
            path(
                "<int:object_id>/undo/",
                protected(self.undo_view),
                name="back_office_correction_undo",
            ),
            path(
                "<slug:slug>/<uuid:record_id>/",
                protected(self.make_view),
                name="back_office_correction_make",
            ),
            *super().get_urls(),
        ]

    def make_view(self, request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
        """Ask for a correction's values, show what it would change, and make it."""
        kind = KINDS.get(slug)
        if kind is None or kind.only_undoes:
            raise Http404
        record = _record(request, kind, record_id)
        form = kind.form(record, request.POST if request.method == "POST" else None)
        return self._answer(request, kind, record, form, title=kind.title)

    def undo_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask why, show what undoing a correction would change, and undo it."""
        correction = get_object_or_404(Correction, pk=object_id)
        undone = KINDS[correction.kind]
        title = f"Undo: {undone.title.lower()}"
        record = _record(request, undone, correction.record_id)
        if undoable_correction(record) != correction:
            by, reason = Actor(staff_id=request.user.pk), request.POST.get("reason", "")
            if "seen" in request.POST and was_just_undone(correction, reason=reason, by=by):
                return _done(request, KINDS[correction.opposite_kind], record)
            shown = {"not_undoable": _why_not_undoable(correction)}
            return self._page(request, record, title=title, shown=shown)
        data = None
        if request.method == "POST":
            data = {**correction.opposite_values, "reason": request.POST.get("reason", "")}
        kind = KINDS[correction.opposite_kind]
        form = kind.form(record, data)
        form.ask_only("reason")  # the values are those from before
        return self._answer(request, kind, record, form, title=title, undoes=correction)

    def _answer(
        self,
        request: HttpRequest,
        kind: Kind,
        record: Record,
        form: CorrectionForm,
        *,
        title: str,
        undoes: Correction | None = None,
    ) -> HttpResponse:
        def proposal() -> Proposal:
            return _proposal(request, kind, record, form, undoes)

        step = take_step(
            request,
            form,
            preview=lambda at: preview(proposal(), at=at),
            carry_out=lambda seen, at: confirm(proposal(), seen=seen, at=at),
            missing=kind.other or None,
        )
        if step.is_done:
            return _done(request, kind, record)
        context = {**page_context(form, step), "undoes": undoes}
        return self._page(request, record, title=title, shown=context)

    def _page(
        self, request: HttpRequest, record: Record, *, title: str, shown: dict[str, Any]
    ) -> HttpResponse:
        participant = participant_of(record)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "subtitle": str(participant),
            "about": _about(record),
            "trail": _trail(record),
            "back": page_of(participant),
            **shown,
        }
        return TemplateResponse(request, "back_office/corrections/page.html", context)


def _lines(values: Iterable[tuple[str, str]]) -> str:
    return format_html_join("", "<div>{}: {}</div>", values)


def _done(request: HttpRequest, kind: Kind, record: Record) -> HttpResponse:
    messages.success(request, kind.done)
    return redirect(page_of(participant_of(record)))


def _why_not_undoable(correction: Correction) -> str:
    """Return what to know, and to do instead, where a correction can't be undone."""
    undoing = Correction.objects.filter(undoes=correction).first()
    if undoing is not None:
        return f"It was undone already, by {undoing.actor_name}."
    if correction.undoes_id is not None:
        return "It took back another one. If that was right, make the other correction again."
    instead = "" if correction.opposite_kind else KINDS[correction.kind].instead
    return instead or NOT_UNDOABLE.sentence


def _title(slug: str) -> str:
    kind = KINDS.get(slug)
    return kind.title if kind is not None else slug


def _record(request: HttpRequest, kind: Kind, record_id: UUID) -> Any:
    """Return the record that is to be corrected, for whoever may do that."""
    if not request.user.has_perm(kind.permission):
        raise PermissionDenied
    record = load(kind.about, record_id)
    if record is None:
        raise Http404
    return record


def _about(record: Record) -> str:
    """Return which record it is, where it is not the person's own."""
    if isinstance(record, Participant):
        return ""
    application = application_of(record)
    held = f"{application.course} with {application.lead_provider}, cohort {application.cohort}"
    if isinstance(record, Application):
        return f"Application for {held}."
    day = day_in_words(london_day(record.declaration_date))
    state = record.get_state_display().lower()
    return f"Declaration {record.declaration_type} of {day}, {state}, for {held}."


def _trail(record: Record) -> list[tuple[str, str]]:
    """Return the pages that lead to a record, from the list of participants on."""
    participant = participant_of(record)
    trail = [
        ("Participants", reverse("admin:participants_participant_changelist")),
        (str(participant), page_of(participant)),
    ]
    if isinstance(record, Participant):
        return trail
    application = application_of(record)
    name = f"{application.course} with {application.lead_provider}"
    trail.append((name, page_of(application)))
    if isinstance(record, Declaration):
        trail.append((record.declaration_type, page_of(record)))
    return trail


def _proposal(
    request: HttpRequest,
    kind: Kind,
    record: Record,
    form: CorrectionForm,
    undoes: Correction | None,
) -> Proposal:
    return Proposal(
        kind=kind,
        record=record,
        arguments=form.cleaned_data,
        values=form.values(),
        by=Actor(staff_id=request.user.pk),
        undoes=undoes,
    )
