"""``list_api_tokens`` (rules 11.5)."""

from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand

from npq_portal.providers.models import ApiToken


class Command(BaseCommand):
    help = (
        "Print a line for each token, tab-separated: id, provider, description, created,"
        " last used, expires, revoked. Tokens themselves cannot be shown."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for token in ApiToken.objects.select_related("lead_provider").iterator():
            cells = (
                str(token.id),
                _one_line(token.lead_provider.name),
                _one_line(token.description),
                _instant(token.created_at),
                _instant(token.last_used_at),
                _day(token.expires_on),
                _instant(token.revoked_at),
            )
            self.stdout.write("\t".join(cells))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _instant(value: datetime | None) -> str:
    return "" if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(value: date | None) -> str:
    return "" if value is None else value.isoformat()
