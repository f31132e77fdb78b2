"""``restore_database`` (rules 17.2)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from npq_portal.back_office.backups import BackupError, restore
from npq_portal.database import is_up_to_date


class Command(BaseCommand):
    help = (
        "Load what back_up_database wrote into the database, which has to be empty, and prove with"
        " check_integrity that what was loaded is sound."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="its .sha256 lies beside it")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            restore(options["file"])
        except (BackupError, DatabaseError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stderr.write("Everything is restored.", style_func=str)
        if not is_up_to_date():
            raise CommandError(
                "It is from an older release: run `migrate`, and then `check_integrity`."
            )
        call_command("check_integrity", stdout=self.stdout, stderr=self.stderr)
