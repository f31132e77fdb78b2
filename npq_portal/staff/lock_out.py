"""Log-ins that failed too often wait (rules 13.2); django-axes counts them in the database."""

import math
from typing import Any

from axes.helpers import get_client_username, get_cool_off
from axes.models import AccessAttempt
from django.contrib import admin
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from npq_portal.addresses import client_address


def locked_out(
    request: HttpRequest, _response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """Answer a log-in that is locked out: 429, and when to try again."""
    latest = AccessAttempt.objects.filter(
        username=get_client_username(request, credentials), ip_address=client_address(request)
    ).aggregate(at=Max("attempt_time"))["at"]
    until = latest + get_cool_off(request)
    seconds = max((until - timezone.now()).total_seconds(), 1)
    context = {
        **admin.site.each_context(request),
        "title": "Too many failed log-ins",
        "minutes": math.ceil(seconds / 60),
        "until": until,
    }
    answer = TemplateResponse(request, "staff/locked_out.html", context, status=429)
    answer["Retry-After"] = str(math.ceil(seconds))
    return answer.render()
