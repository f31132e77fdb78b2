"""Log-ins that failed too often wait (rules 13.2); django-axes counts them in the database."""

import math
from ipaddress import ip_address
from typing import Any

from axes.helpers import get_client_username, get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone


def client_address(request: HttpRequest) -> str | None:
    """Return the address that a log-in comes from, None when it is not known.

    Behind a proxy it is the last one in ``X-Forwarded-For``, which the proxy added; those before it
    are whatever the client wrote.
    """
    text: str = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        text = request.headers.get("X-Forwarded-For", text).rpartition(",")[2].strip()
    without_port = text.rpartition(":")[0].strip("[]")
    for candidate in (text, without_port):
        try:
            return str(ip_address(candidate))
        except ValueError:
            continue
    return None


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
