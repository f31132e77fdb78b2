"""The command that opens statements (rules 11.9)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from declarations.management.arguments import day
from declarations.services import open_statement
from npq_portal.errors import Refused
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider


class Command(BaseCommand):
    help = (
        "Open the statement of a payment period for one provider, or for all, attach what waits"
        " for it, and print the statements' ids."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cohort", type=int, required=True, metavar="YEAR")
        parser.add_argument("--period", required=True, metavar="TEXT")
        parser.add_argument("--deadline", type=day, required=True, metavar="DATE")
        parser.add_argument("--payment", type=day, required=True, metavar="DATE")
        parser.add_argument("--provider", metavar="NAME", help="for this provider; default: all")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            statements = open_statement(
                cohort=options["cohort"],
                period=options["period"],
                deadline=options["deadline"],
                payment=options["payment"],
                lead_provider=_provider(options["provider"]),
                by=Actor(command="open_statement"),
                at=timezone.now(),
            )
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        for statement in statements:
            self.stdout.write(str(statement.pk))


def _provider(name: str | None) -> LeadProvider | None:
    if name is None:
        return None
    provider = LeadProvider.objects.filter(name=name).first()
    if provider is None:
        raise CommandError(f"There is no lead provider {name!r}.")
    return provider
