"""The records of a soak: ``python -m benchmarks.soak_records PROVIDERS PENDING`` makes them.

There are a cohort around today in which everything has happened, thousands of applications of
another one, and PENDING applications to each provider that are to be decided. Prints, for each
provider, its token, and participant and id of these applications.
"""

import json
import sys
from io import StringIO
from typing import Any

import django

LIVES = 240
"""People of the cohort around today."""

IMPORTED = 12_000
"""Applications of the other cohort."""


def main(providers: int, pending: int) -> None:
    """Fill the database that DATABASE_URL names, and print how to use it."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_reference_data", stderr=StringIO())
    names = [f"Provider {number + 1}" for number in range(providers)]
    json.dump(make_records(names, pending), sys.stdout)


def make_records(names: list[str], pending: int) -> list[dict[str, Any]]:
    """Make providers of these names with what they have; return what is printed."""
    from django.db import transaction
    from django.utils import timezone

    from npq_portal.back_office.demo.dates import DemoDates
    from npq_portal.back_office.demo.events import seed
    from npq_portal.clock import london_day
    from npq_portal.history import Actor
    from npq_portal.providers.models import LeadProvider
    from npq_portal.providers.services import create_api_token
    from participants.services.importing import import_applications
    from tests.chaos.prepare import add_applications
    from tests.registration_service import as_csv, exported_rows

    by, at = Actor(command="soak"), timezone.now()
    with transaction.atomic():
        seed(DemoDates(london_day(at)), tuple(names), participants=LIVES, by=by)
    import_applications(as_csv(exported_rows(IMPORTED, names)).splitlines(), by=by, at=at)
    made = add_applications(pending * len(names))
    return [
        {
            "token": create_api_token(lead_provider=provider, by=by, at=at)[1],
            "applications": [
                (str(it.participant_id), str(it.pk))
                for it in made
                if it.lead_provider_id == provider.pk
            ],
        }
        for provider in LeadProvider.objects.all()
    ]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
