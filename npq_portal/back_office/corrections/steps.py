"""From a form to its preview to its confirmation, whatever is corrected (rules 14.13)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.helpers import AdminForm
from django.http import HttpRequest
from django.utils import timezone

from npq_portal.back_office.corrections.forms import CorrectionForm
from npq_portal.back_office.corrections.preview import Effect
from npq_portal.errors import BASE, ErrorCode, NotFound, Refusal, Refused

RENEWED = Refusal(
    BASE,
    ErrorCode.CHANGED_MEANWHILE,
    "Somebody changed this since you opened the form. It shows now how things are: fill in again"
    " what shall be different.",
)


@dataclass(frozen=True, slots=True)
class Step:
    """How far a form got: previewed with an ``effect``, or done; neither where it asks again."""

    effect: Effect | None = None
    is_done: bool = False


def take_step(
    request: HttpRequest,
    form: CorrectionForm,
    *,
    preview: Callable[[datetime], Effect],
    carry_out: Callable[[str, datetime], object],
    missing: str | None = None,
) -> Step:
    """Preview what a form says, or carry out what its preview showed; let the form say why not.

    ``preview`` is given the UTC instant that it is for, ``carry_out`` the fingerprint that was seen
    as well. ``missing`` is the field that names what may not be found. A form that was opened on
    what is not so any more is shown anew instead (rules 14.15).
    """
    if not form.is_valid() or "again" in request.POST:
        return Step()
    at = timezone.now()
    try:
        if "seen" in request.POST:
            carry_out(request.POST["seen"], at)
            return Step(is_done=True)
        if not form.is_stale:
            return Step(effect=preview(at))
    except Refused as refused:
        form.tell(refused)
    except NotFound as error:
        form.add_error(missing, str(error))
    if form.renew():
        form.tell(Refused(RENEWED))
    return Step()


def page_context(form: CorrectionForm, step: Step) -> dict[str, Any]:
    """Return what the page of a form shows."""
    asked = form.asked
    return {
        "form": form,
        "shown": [form[name] for name in asked],
        "fields": AdminForm(form, [(None, {"fields": asked})], {}),  # type: ignore[arg-type]
        "effect": step.effect,
    }
