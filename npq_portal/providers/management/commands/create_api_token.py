"""``create_api_token`` (rules 11.4, 15.6)."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from npq_portal.clock import parse_day
from npq_portal.errors import Refused
from npq_portal.history import Actor
from npq_portal.providers.models import LeadProvider
from npq_portal.providers.services import create_api_token


class Command(BaseCommand):
    help = "Make a token for a lead provider and print it. It cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("provider", metavar="PROVIDER", help="a lead provider's name or id")
        parser.add_argument(
            "--expires", metavar="DATE", type=_day, help="the last day on which it is valid"
        )
        parser.add_argument(
            "--description", metavar="TEXT", default="", help="what it is for; 200 characters"
        )
        parser.add_argument("--read-only", action="store_true", help="a token that changes nothing")

    # A token that could not be printed is not made.
    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            token, secret = create_api_token(
                lead_provider=_find_provider(options["provider"]),
                expires_on=options["expires"],
                description=options["description"],
                read_only=options["read_only"],
                by=Actor(command="create_api_token"),
                at=timezone.now(),
            )
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(secret)
        self.stdout.flush()
        self.stderr.write(f"Token {token.id}: keep it now, it is not shown again.", style_func=str)


def _day(text: str) -> date:
    day = parse_day(text)
    if day is None:
        raise ArgumentTypeError(f"{text!r} is not a day YYYY-MM-DD")
    return day


def _find_provider(text: str) -> LeadProvider:
    provider = LeadProvider.objects.filter(name=text.strip()).first()
    if provider is None:
        try:
            provider = LeadProvider.objects.filter(pk=UUID(text)).first()
        except ValueError:
            provider = None
    if provider is None:
        raise CommandError(f"There is no lead provider {text!r}.")
    return provider
