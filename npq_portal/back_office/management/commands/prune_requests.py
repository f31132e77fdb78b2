"""``prune_requests`` (rules 11.14)."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from npq_portal.back_office.journal import prune_requests
from npq_portal.progress import progress_bar


class Command(BaseCommand):
    help = (
        "Delete what the journal of providers' write requests holds from longer ago than a number"
        " of days. Can be interrupted, and run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", metavar="N", type=_days, default=90, help="how long to keep; default: 90"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        before = timezone.now() - timedelta(days=options["days"])
        count = 0
        with progress_bar("requests") as bar:
            for deleted in prune_requests(before=before):
                count += deleted
                bar.update(deleted)
        self.stderr.write(f"{count} requests deleted.", style_func=str)


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 5):
        raise ArgumentTypeError(f"{text!r} is not a number of days")
    return int(text)
