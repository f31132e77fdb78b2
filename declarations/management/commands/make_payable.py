"""The command that makes statements payable (rules 11.10)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from declarations.management.arguments import day
from declarations.models import Statement
from declarations.services import make_payable
from npq_portal.clock import london_day
from npq_portal.history import Actor
from npq_portal.progress import progress_bar


class Command(BaseCommand):
    help = (
        "Make payable every open statement whose deadline is before a day. With a day in the"
        " future, print what would change, and do it only with --yes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", type=day, metavar="DATE", help="default: today")
        parser.add_argument("--yes", action="store_true", help="do it for a future day, too")

    def handle(self, *_args: Any, **options: Any) -> None:
        now = timezone.now()
        today = london_day(now)
        as_of = options["as_of"] or today
        if as_of > today and not options["yes"]:
            due = Statement.objects.due(as_of)
            for statement in due.select_related("lead_provider", "period__cohort"):
                self.stdout.write(f"{statement.pk}\t{statement}")
            self.stderr.write(f"{as_of} is in the future: nothing was changed. Give --yes to.")
            return
        by = Actor(command="make_payable")
        with progress_bar("declarations") as bar:
            changed = make_payable(as_of=as_of, by=by, at=now, progress=bar.update)
        for statement in changed:
            self.stdout.write(f"{statement.pk}\t{statement}")
        self.stderr.write(f"{len(changed)} statements became payable.")
