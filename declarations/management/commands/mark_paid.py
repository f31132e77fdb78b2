"""The command that marks a statement paid (rules 11.11)."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from declarations.services import mark_paid
from npq_portal.errors import NotFound, Refused
from npq_portal.history import Actor
from npq_portal.progress import progress_bar


class Command(BaseCommand):
    help = "Mark a payable statement paid, with its declarations and clawbacks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--statement", type=UUID, required=True, metavar="ID")

    def handle(self, *_args: Any, **options: Any) -> None:
        statement_id = options["statement"]
        by = Actor(command="mark_paid")
        try:
            with progress_bar("declarations") as bar:
                changed = mark_paid(
                    statement_id=statement_id, by=by, at=timezone.now(), progress=bar.update
                )
        except (NotFound, Refused) as refused:
            raise CommandError(str(refused)) from refused
        said = "is paid now" if changed else "was paid already; nothing changed"
        self.stderr.write(f"Statement {statement_id} {said}.")
