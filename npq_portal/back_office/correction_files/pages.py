"""The pages on which many corrections are made at once (rules 14.16)."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from npq_portal.admin import CommandAdmin, page_of
from npq_portal.api.csv_export import download_csv
from npq_portal.back_office.correction_files.forms import UploadForm
from npq_portal.back_office.correction_files.kinds import FILE_KINDS, FileKind
from npq_portal.back_office.correction_files.progress import Progress, found, progress_of
from npq_portal.back_office.correction_files.reading import MOST_ROWS
from npq_portal.back_office.correction_files.results import result_rows, template_rows
from npq_portal.back_office.correction_files.rules import refusal_to_confirm
from npq_portal.back_office.correction_files.services import (
    confirm_file,
    discard_file,
    go_on,
    keep_file,
)
from npq_portal.back_office.corrections.records import participant_of
from npq_portal.back_office.models import CorrectionFile, CorrectionFileRow
from npq_portal.errors import NotFound, Refused
from npq_portal.history import Actor
from participants.models import Participant

ROWS_PER_PAGE = 50


class CorrectionFileAdmin(CommandAdmin):
    """Files of corrections: uploading, checking, confirming, carrying out."""

    list_display = (
        "name",
        "title",
        "state",
        "is_all_or_nothing",
        "uploaded_at",
        "uploaded_by",
        "confirmed_at",
        "confirmed_by",
    )
    list_filter = ("state", "uploaded_at")
    list_select_related = ("uploaded_by", "confirmed_by")
    ordering = ("-uploaded_at", "-id")
    search_fields = ("name", "reason")
    search_ids = ("id",)
    change_list_template = "back_office/correction_files/list.html"

    def title(self, row: CorrectionFile) -> str:
        return FILE_KINDS[row.kind].kind.title

    title.short_description = "what to do"  # type: ignore[attr-defined]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("back_office.add_correctionfile")

    def get_urls(self) -> list[URLPattern]:
        """Add the template of each kind, and what can be done with a file."""

        def of_file(name: str, view: Any) -> URLPattern:
            protected = self.admin_site.admin_view(view)
            route = f"<uuid:object_id>/{name.replace('_', '-')}/"
            return path(route, protected, name=f"back_office_correctionfile_{name}")

        return [
            path(
                "template/<slug:slug>.csv",
                self.admin_site.admin_view(self.template_view),
                name="back_office_correctionfile_template",
            ),
            of_file("go_on", self.go_on_view),
            of_file("confirm", self.confirm_view),
            of_file("discard", self.discard_view),
            of_file("results", self.results_view),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: object = None
    ) -> HttpResponse:
        """Ask for a file, and keep it unless something is wrong with it."""
        offered = self._offered(request)
        data = (request.POST, request.FILES) if request.method == "POST" else ()
        form = UploadForm(offered, *data)
        file = self.run(request, form, keep_file)
        if file is not None:
            return redirect(page_of(file))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Correct many at once",
            "form": form,
            "fields": AdminForm(form, [(None, {"fields": list(form.fields)})], {}),  # type: ignore[arg-type] # it takes any form
            "offered": offered,
            "most_rows": f"{MOST_ROWS:,}",
        }
        return TemplateResponse(request, "back_office/correction_files/upload.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: object = None,
    ) -> HttpResponse:
        """Show how far a file has got, and its rows once they are checked."""
        file = self.get_object(request, object_id)
        if request.method != "GET" or not self.has_view_permission(request, file):
            raise PermissionDenied
        if file is None:
            raise Http404
        progress = progress_of(file)
        state = request.GET.get("state", "")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": file.name,
            "original": file,
            "file_kind": FILE_KINDS[file.kind],
            "progress": progress,
            "may_carry_out": FILE_KINDS[file.kind] in _allowed(request.user),
            "obstacle": refusal_to_confirm(progress.for_rules()),
            "states": _states(progress),
            "state": state,
        }
        if not file.is_under_way:
            page = _page(file, state, request.GET.get("page"))
            context |= {"page": page, "rows": _with_participants(file, page.object_list)}
        return TemplateResponse(request, "back_office/correction_files/file.html", context)

    def template_view(self, request: HttpRequest, slug: str) -> StreamingHttpResponse:
        """Send an empty file of a kind, with an example of a row."""
        file_kind = next((it for it in self._offered(request) if it.slug == slug), None)
        if file_kind is None:
            raise Http404
        return download_csv(template_rows(file_kind), f"{slug}.csv")

    def results_view(self, request: HttpRequest, object_id: UUID) -> StreamingHttpResponse:
        """Send what each row of a file came to."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        file = _found(object_id)
        return download_csv(result_rows(file), f"results-{file.pk}.csv")

    def go_on_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Go on for a moment; tell a script how far that led, show others the page."""
        file = self._own(request, object_id)
        _done(request, lambda: go_on(file_id=file.pk, at=timezone.now()))
        if request.accepts("text/html"):
            return redirect(page_of(file))
        return JsonResponse(_told(progress_of(_found(file.pk))))

    def confirm_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Have the ready rows of a checked file carried out."""
        file = self._own(request, object_id)
        by = Actor(staff_id=request.user.pk)
        _done(request, lambda: confirm_file(file_id=file.pk, by=by, at=timezone.now()))
        return redirect(page_of(file))

    def discard_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Forget a file that was not confirmed."""
        file = self._own(request, object_id)
        if not _done(request, lambda: discard_file(file_id=file.pk)):
            return redirect(page_of(file))
        messages.success(request, f"{file} is discarded. Nothing was changed.")
        return redirect("admin:back_office_correctionfile_changelist")

    def _offered(self, request: HttpRequest) -> list[FileKind]:
        """Return the kinds of which the user may upload files; there must be one."""
        offered = _allowed(request.user)
        if not offered:
            raise PermissionDenied
        return offered

    def _own(self, request: HttpRequest, file_id: UUID) -> CorrectionFile:
        """Return a file for whoever may make its corrections, whoever uploaded it."""
        offered = self._offered(request)
        file = _found(file_id)
        if FILE_KINDS[file.kind] not in offered:
            raise PermissionDenied
        return file


def _allowed(user: Any) -> list[FileKind]:
    """Return the kinds of which ``user`` may upload files and have them carried out."""
    if not user.has_perm("back_office.add_correctionfile"):
        return []
    return [it for it in FILE_KINDS.values() if user.has_perm(it.kind.permission)]


def _found(file_id: UUID) -> CorrectionFile:
    try:
        return found(file_id)
    except NotFound as error:
        raise Http404 from error


def _done(request: HttpRequest, command: Callable[[], object]) -> bool:
    """Run a command that was posted, and say why if it is refused; return whether it was done.

    Who is led here by a log-in has posted nothing.
    """
    if request.method != "POST":
        return False
    try:
        command()
    except Refused as refused:
        messages.error(request, str(refused))
        return False
    except NotFound as error:
        raise Http404 from error
    return True


def _told(progress: Progress) -> dict[str, Any]:
    return {
        "is_under_way": progress.file.is_under_way,
        "finished": progress.finished,
        "total": progress.total,
        "in_words": progress.in_words,
    }


def _states(progress: Progress) -> list[tuple[str, str, int]]:
    """Return the states that rows are in, each with its name and how many are."""
    return [
        (it.value, str(it.label), progress.counts[it])
        for it in CorrectionFileRow.State
        if progress.counts.get(it)
    ]


def _page(file: CorrectionFile, state: str, number: str | None) -> Page[CorrectionFileRow]:
    """Return a page of the rows of a file, of those in a ``state`` where it is one."""
    rows = file.rows.select_related("correction").order_by("number")
    if state in CorrectionFileRow.State:
        rows = rows.filter(state=state)
    return Paginator(rows, ROWS_PER_PAGE).get_page(number)


def _with_participants(
    file: CorrectionFile, rows: Iterable[CorrectionFileRow]
) -> list[tuple[CorrectionFileRow, Participant | None]]:
    """Return each row with whom it is about, in one query; None where the record is unknown."""
    file_kind = FILE_KINDS[file.kind]
    related = file_kind.records.select_related(file_kind.path_to_participant)
    records = related.in_bulk([row.record_id for row in rows])
    return [
        (row, participant_of(records[row.record_id]) if row.record_id in records else None)
        for row in rows
    ]
