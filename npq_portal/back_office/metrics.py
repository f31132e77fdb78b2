"""The page that Prometheus reads (rules 18.4)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from declarations.choices import StatementState
from declarations.models import Statement
from npq_portal.back_office.models import IntegrityCheck
from npq_portal.clock import london_day
from npq_portal.health import probe
from npq_portal.metrics import meters
from outcomes.choices import NotificationState
from outcomes.models import Notification

COUNTED = 10_000
"""How far rows are counted: that there are so many is all that an alert needs."""

PENDING = (NotificationState.WAITING, NotificationState.SENDING)


class Database(Collector):
    """What the database says needs somebody, as of ``at`` (UTC): a few queries, all bounded."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterable[Metric]:
        answers = GaugeMetricFamily("npq_database_answers", "1 while the database answers, else 0.")
        try:
            found = list(self._gauges())
        except Error:
            answers.add_metric([], 0)
            return [answers]
        answers.add_metric([], 1)
        return [answers, *(_gauge(*each) for each in found)]

    def _gauges(self) -> Iterator[tuple[str, str, float]]:
        yield from self._notifications()
        overdue = Statement.objects.filter(
            state=StatementState.OPEN, period__deadline_date__lt=london_day(self.at)
        )
        yield (
            "npq_statements_past_deadline",
            f"Open statements whose deadline has passed, at most {COUNTED}.",
            overdue.order_by()[:COUNTED].count(),
        )
        check = IntegrityCheck.objects.first()
        if check is not None:
            yield (
                "npq_integrity_findings",
                "What the last check_integrity found wrong.",
                check.findings,
            )
            yield (
                "npq_integrity_age_seconds",
                "Since the last check_integrity ended.",
                self._since(check.ended_at),
            )

    def _notifications(self) -> Iterator[tuple[str, str, float]]:
        pending = Notification.objects.filter(state__in=PENDING)
        yield (
            "npq_notifications_pending",
            f"Notifications that are still to be sent, at most {COUNTED}.",
            pending.order_by()[:COUNTED].count(),
        )
        oldest = [
            found
            for state in PENDING
            for found in Notification.objects.filter(state=state)
            .order_by("created_at", "id")
            .values_list("created_at", flat=True)[:1]
        ]
        yield (
            "npq_notifications_oldest_pending_seconds",
            "Since the one that waits longest was asked for; 0 when none waits.",
            max(map(self._since, oldest), default=0),
        )
        given_up = Notification.objects.filter(state=NotificationState.GIVEN_UP)
        yield (
            "npq_notifications_given_up",
            f"Notifications that were given up, at most {COUNTED}.",
            given_up.order_by()[:COUNTED].count(),
        )

    def _since(self, instant: datetime) -> float:
        return (self.at - instant).total_seconds()


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


@probe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the counters of all processes and what the database tells, to whoever has the token.

    404 where no token is configured, 401 without the one that is.
    """
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.META.get("HTTP_AUTHORIZATION", "")
    if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        error = {"error": "Send the token of the metrics."}
        return JsonResponse(error, status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = meters().registry()
    registry.register(Database(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
