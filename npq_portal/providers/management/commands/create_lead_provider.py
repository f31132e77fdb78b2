"""``create_lead_provider`` (rules 11.3)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from npq_portal.errors import Refused
from npq_portal.history import Actor
from npq_portal.providers.services import create_lead_provider


class Command(BaseCommand):
    help = "Make a lead provider, with its statements, and print its id. A known one is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="1 to 200 characters")
        parser.add_argument("--ukprn", metavar="N", help="eight digits")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            provider = create_lead_provider(
                name=options["name"],
                ukprn=options["ukprn"],
                by=Actor(command="create_lead_provider"),
                at=timezone.now(),
            )
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(str(provider.id))
