"""The pages on which a correction is filled in, looked at, confirmed and undone (14.13, 14.14)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from npq_portal.admin import ReadOnlyModelAdmin, link_to
from npq_portal.back_office.corrections.forms import CorrectionForm
from npq_portal.back_office.corrections.kinds import KINDS, Kind, Record, load
from npq_portal.back_office.corrections.preview import (
    NOT_UNDOABLE,
    Effect,
    Proposal,
    carry_out,
    participant_of,
    preview,
    undoable_correction,
)
from npq_portal.back_office.models import Correction
from npq_portal.errors import NotFound, Refused
from npq_portal.history import Actor


class CorrectionAdmin(ReadOnlyModelAdmin):
    """The corrections that staff made, and the pages on which they make them."""

    list_display = ("at", "kind", link_to("participant", "participant"), "actor_name", "reason")
    list_filter = ("kind", "at")
    list_select_related = ("participant", "token__lead_provider", "staff")
    ordering = ("-at", "-id")
    search_fields = ("reason", "participant__full_name")
    search_ids = ("record_id", "participant__id")
    exclude = ("picture_after",)
    readonly_fields = ("record_id",)

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
        if kind is None:
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
            return self._page(request, undone, record, None, title=title)
        data = None
        if request.method == "POST":
            data = {**correction.opposite_values, "reason": request.POST.get("reason", "")}
        kind = KINDS[correction.opposite_kind]
        form = kind.form(record, data)
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
        effect = None
        if form.is_valid() and "again" not in request.POST:
            participant = participant_of(record)
            proposal = _proposal(request, kind, record, form, undoes)
            try:
                if "seen" in request.POST:
                    carry_out(proposal, seen=request.POST["seen"], at=timezone.now())
                    messages.success(request, kind.done)
                    return redirect("admin:participants_participant_change", participant.pk)
                effect = preview(proposal, at=timezone.now())
            except Refused as refused:
                form.tell(refused)
            except NotFound as missing:
                form.add_error(kind.other or None, str(missing))
        return self._page(request, kind, record, form, title=title, effect=effect, undoes=undoes)

    def _page(
        self,
        request: HttpRequest,
        kind: Kind,
        record: Record,
        form: CorrectionForm | None,
        *,
        title: str,
        effect: Effect | None = None,
        undoes: Correction | None = None,
    ) -> HttpResponse:
        participant = participant_of(record)
        shown = _shown(form, undoes)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "subtitle": str(participant),
            "participant": participant,
            "application": record if record != participant else None,
            "kind": kind,
            "form": form,
            "shown": [form[name] for name in shown] if form else [],
            "fields": AdminForm(form, [(None, {"fields": shown})], {}) if form else [],  # type: ignore[arg-type]
            "effect": effect,
            "undoes": undoes,
            "not_undoable": kind.instead or NOT_UNDOABLE.sentence,
        }
        return TemplateResponse(request, "back_office/corrections/page.html", context)


def _record(request: HttpRequest, kind: Kind, record_id: UUID) -> Any:
    """Return the record that is to be corrected, for whoever may do that."""
    if not request.user.has_perm(kind.permission):
        raise PermissionDenied
    record = load(kind, record_id)
    if record is None:
        raise Http404
    return record


def _shown(form: CorrectionForm | None, undoes: Correction | None) -> list[str]:
    """Return the fields that are filled in: of one that undoes, the reason alone."""
    if form is None:
        return []
    return list(form.fields) if undoes is None else ["reason"]


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
