"""``back_up_database`` (rules 17.1)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from npq_portal.back_office.backups import BackupError, back_up


class Command(BaseCommand):
    help = (
        "Back the database up into a new file, as it is when this begins, and write the file's"
        " SHA-256 beside it. Nobody has to wait meanwhile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="the file to make")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            back_up(options["file"])
        except (BackupError, DatabaseError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"{options['file']} holds the database.", style_func=str)
