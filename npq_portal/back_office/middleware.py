"""The time zone of the back office (rules 13.9)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from npq_portal.clock import LONDON


class LondonTimeMiddleware:
    """Show and read times as London has them on the pages of the admin, and nowhere else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(reverse("admin:index")):
            return self.get_response(request)
        with timezone.override(LONDON):
            return self.get_response(request)
