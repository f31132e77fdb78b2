"""Prove the invariants on the live data (rules 11.12)."""

from datetime import datetime
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from npq_portal.back_office.integrity import findings
from npq_portal.back_office.services import FINDINGS_KEPT, keep_integrity_check
from npq_portal.progress import progress_bar


class Command(BaseCommand):
    help = (
        "Check that the data keeps every invariant; list what does not, and exit 1 if any. The"
        " result is kept for the front page of the back office."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        started_at = timezone.now()
        count, first = 0, []
        for finding in findings(watch=partial(progress_bar, "checks")):
            count += 1
            if count <= FINDINGS_KEPT:
                first.append(finding)
            self.stdout.write(finding)
        self._keep(count, first, started_at)
        if count:
            raise CommandError(f"{count} found wrong.")
        self.stderr.write("Nothing is wrong.")

    def _keep(self, count: int, first: list[str], started_at: datetime) -> None:
        try:
            keep_integrity_check(
                findings=count,
                first_findings=first,
                started_at=started_at,
                ended_at=timezone.now(),
            )
        except DatabaseError as error:  # a copy that can only be read is checked all the same
            self.stderr.write(f"The front page will not show this: it could not be kept ({error}).")
