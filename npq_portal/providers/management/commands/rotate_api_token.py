"""``rotate_api_token`` (rules 15.7)."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from npq_portal.errors import NotFound, Refused
from npq_portal.history import Actor
from npq_portal.providers.services import (
    LONGEST_OVERLAP_DAYS,
    OVERLAP_DAYS,
    rotate_api_token,
)


class Command(BaseCommand):
    help = (
        "Make the successor of a token, with the same provider, description and scope, and print"
        " it. It cannot be shown again. The old token works on for some days."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", type=UUID, help="as list_api_tokens prints it")
        parser.add_argument(
            "--overlap",
            metavar="DAYS",
            type=int,
            default=OVERLAP_DAYS,
            help=(
                "how many days after today the old one works on, at most"
                f" {LONGEST_OVERLAP_DAYS}; default: {OVERLAP_DAYS}"
            ),
        )
        parser.add_argument("--reason", metavar="TEXT", default="", help="kept in its history")

    # A token that could not be printed is not made.
    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            token, secret = rotate_api_token(
                token_id=options["id"],
                overlap_days=options["overlap"],
                by=Actor(command="rotate_api_token"),
                at=timezone.now(),
                reason=options["reason"],
            )
        except (NotFound, Refused) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)
        self.stdout.flush()
        assert token.replaces is not None  # noqa: S101 - it was just made to
        self.stderr.write(
            f"Token {token.id}: keep it now, it is not shown again. The old one works through"
            f" {token.replaces.expires_on}.",
            style_func=str,
        )
