"""The pages on which an edit of reference data is filled in, looked at and confirmed (14.13)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from npq_portal.admin import page_of
from npq_portal.back_office.corrections.preview import Effect
from npq_portal.back_office.corrections.steps import Step, page_context, take_step
from npq_portal.back_office.reference.edits import EDITS, Edit, load
from npq_portal.back_office.reference.forms import ReferenceForm
from npq_portal.back_office.reference.preview import Proposal, carry_out, preview
from npq_portal.history import Actor
from schedules.models import Milestone, Schedule


def edit_view(request: HttpRequest, slug: str, pk: int | None = None) -> HttpResponse:
    """Ask what shall be, show what that would change, and change it."""
    edit = EDITS.get(slug)
    if edit is None or edit.adds != (pk is None):
        raise Http404
    if not request.user.has_perm(edit.permission):
        raise PermissionDenied
    row = None if pk is None else load(edit, pk)
    if row is None and not edit.adds:
        return _gone(request, edit)
    form = edit.form(row, request.POST if request.method == "POST" else None)
    changed: list[Model] = []

    def proposal() -> Proposal:
        by = Actor(staff_id=request.user.pk)
        return Proposal(edit=edit, row=row, arguments=form.arguments(), by=by)

    def show(at: datetime) -> Effect:
        return preview(proposal(), at=at)

    def change(seen: str, at: datetime) -> None:
        changed.append(carry_out(proposal(), seen=seen, at=at))

    step = take_step(request, form, preview=show, carry_out=change)
    if step.is_done:
        messages.success(request, edit.done)
        return redirect(page_of(changed[0]))
    return _page(request, edit, row, form, step)


def _gone(request: HttpRequest, edit: Edit) -> HttpResponse:
    """Tell who comes to a row that somebody removed, and lead to those that there are."""
    name = edit.about._meta.verbose_name  # noqa: SLF001 - documented for use by everybody
    messages.warning(request, f"There is no such {name} any more.")
    (_words, their_list), *_row = _trail(edit.about, None)
    return redirect(their_list)


def _page(
    request: HttpRequest, edit: Edit, row: Any, form: ReferenceForm, step: Step
) -> HttpResponse:
    trail = _trail(edit.about, row)
    fields: Sequence[Any] = form.fieldsets()
    context = {
        **admin.site.each_context(request),
        "opts": edit.about._meta,  # noqa: SLF001 - documented for use by everybody
        "title": edit.title,
        "subtitle": trail[-1][0],
        "about": edit.hint,
        "trail": trail,
        "back": trail[-1][1],
        **page_context(form, step),
        "fields": AdminForm(form, fields, {}),  # type: ignore[arg-type]
    }
    return TemplateResponse(request, "back_office/reference/page.html", context)


def _trail(model: type[Model], row: Any) -> list[tuple[str, str]]:
    """Return the pages that lead to a row, or to the list of the rows of ``model``."""
    if isinstance(row, Milestone):
        return [*_trail(Schedule, row.schedule), (str(row), page_of(row))]
    options = model._meta  # noqa: SLF001 - documented for use by everybody
    their_list = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    trail = [(str(options.verbose_name_plural).capitalize(), their_list)]
    return trail if row is None else [*trail, (str(row), page_of(row))]
