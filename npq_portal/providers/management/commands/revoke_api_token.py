"""``revoke_api_token`` (rules 11.6)."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from npq_portal.errors import NotFound, Refused
from npq_portal.history import Actor
from npq_portal.providers.services import revoke_api_token


class Command(BaseCommand):
    help = "Close a token from now on and for good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", type=UUID, help="as list_api_tokens prints it")
        parser.add_argument("--reason", metavar="TEXT", default="", help="kept in its history")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            token = revoke_api_token(
                token_id=options["id"],
                by=Actor(command="revoke_api_token"),
                at=timezone.now(),
                reason=options["reason"],
            )
        except (NotFound, Refused) as error:
            raise CommandError(str(error)) from error
        self.stderr.write(
            f"Token {token.id} of {token.lead_provider} is revoked since"
            f" {token.revoked_at:%Y-%m-%d %H:%M:%S} UTC.",
            style_func=str,
        )
