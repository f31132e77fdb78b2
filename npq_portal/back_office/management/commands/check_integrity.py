"""Prove the invariants on the live data (rules 11.12)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from npq_portal.back_office.integrity import findings


class Command(BaseCommand):
    help = "Check that the data keeps every invariant; list what does not, and exit 1 if any."

    def handle(self, *_args: Any, **_options: Any) -> None:
        count = 0
        for finding in findings():
            count += 1
            self.stdout.write(finding)
        if count:
            raise CommandError(f"{count} found wrong.")
        self.stderr.write("Nothing is wrong.")
