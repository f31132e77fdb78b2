"""``import_applications`` (rules 11.7)."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from django.utils import timezone

from npq_portal.garbage import collect_less_often
from npq_portal.history import Actor
from npq_portal.progress import progress_bar
from participants.services.importing import FaultyFile, ImportReport, import_applications
from schedules.csv_rows import ENCODING, UNDECODED


class Command(BaseCommand):
    help = (
        "Import applications from a CSV file: all of its rows or, when one is faulty, none."
        " Applications that are known are skipped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.csv", help="the file; - reads standard input")
        parser.add_argument(
            "--dry-run", action="store_true", help="check and report, but write nothing"
        )

    def handle(self, *_args: object, file: str, dry_run: bool, **_options: object) -> None:
        collect_less_often()
        by = Actor(command="import_applications")
        try:
            with _opened(file) as lines:
                shown = progress_bar("lines", lines)
                report = import_applications(shown, dry_run=dry_run, by=by, at=timezone.now())
        except FaultyFile as faulty:
            raise CommandError(f"Nothing was imported.\n{faulty}") from faulty
        except IntegrityError as error:
            raise CommandError(
                "Somebody else has written some of these applications meanwhile. Nothing was"
                " imported; run it again."
            ) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        self._tell(report, dry_run=dry_run)

    def _tell(self, report: ImportReport, *, dry_run: bool) -> None:
        if dry_run:
            self.stderr.write("A dry run: nothing was written.", style_func=str)
        for count, meaning in (
            (report.imported, "applications imported"),
            (report.new_participants, "new participants"),
            (report.skipped, "rows skipped: the application is known"),
            (report.differing, "rows with other details than are known of the participant"),
            (report.sharing_email, "new participants with the e-mail of a known one"),
        ):
            self.stdout.write(f"{count} {meaning}")


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    if file == "-":
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(encoding=ENCODING, errors=UNDECODED, newline="")
        yield sys.stdin
        return
    with Path(file).open(encoding=ENCODING, errors=UNDECODED, newline="") as lines:
        yield lines
