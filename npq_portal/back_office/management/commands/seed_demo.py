"""``seed_demo`` (rules 11.8)."""

import json
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from npq_portal.back_office.demo import Access, seed_demo
from npq_portal.errors import Refused
from npq_portal.progress import progress_bar
from schedules.models import Course


class Command(BaseCommand):
    help = (
        "Fill an empty database with demo data and print how to get in. Run again, it keeps the"
        " data and renews tokens and passwords."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--participants", metavar="N", type=int, default=60)
        parser.add_argument("--json", action="store_true", help="print as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            access = self._seed(options["participants"])
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(json.dumps(access) if options["json"] else for_reading(access))

    @transaction.atomic
    def _seed(self, participants: int) -> Access:
        if not Course.objects.exists():
            call_command("load_reference_data", stderr=self.stderr)
        watch = partial(progress_bar, "events")
        return seed_demo(participants=participants, at=timezone.now(), watch=watch)


def for_reading(access: Access) -> str:
    """Return how to get in as lines for people."""
    lines = ["API tokens, by lead provider:"]
    lines += [f"  {provider}: {token}" for provider, token in access["tokens"].items()]
    lines += ["Staff log-ins, by role:"]
    lines += [
        f"  {role}: {it['username']} / {it['password']}" for role, it in access["staff"].items()
    ]
    return "\n".join(lines)
