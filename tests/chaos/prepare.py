"""Fill the database of a portal: ``python -m tests.chaos.prepare PEOPLE``.

Prints the providers' tokens, and of each application its provider, participant and id.
"""

import json
import sys
from io import StringIO

import django


def main(people):
    """Add as many pending applications of new people to the demo, for its providers in turn."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_reference_data", stderr=StringIO())
    answer = StringIO()
    call_command("seed_demo", "--json", stdout=answer)
    tokens = json.loads(answer.getvalue())["tokens"]
    made = [
        (it.lead_provider.name, str(it.participant_id), str(it.pk))
        for it in add_applications(people)
    ]
    json.dump({"tokens": tokens, "applications": made}, sys.stdout)


def add_applications(people):
    from django.utils import timezone

    from npq_portal.providers.models import LeadProvider
    from participants.models import Application, Participant
    from schedules.models import Cohort, Course
    from tests.chaos.providers import COURSE
    from tests.factories.participants import ApplicationFactory, ParticipantFactory

    providers = LeadProvider.objects.order_by("name")
    times = {"created_at": timezone.now(), "updated_at": timezone.now()}
    course, cohort = Course.objects.get(identifier=COURSE), Cohort.objects.latest("start_year")
    made = Participant.objects.bulk_create(
        ParticipantFactory.build(email=f"person{number}@example.com", **times)
        for number in range(people)
    )
    return Application.objects.bulk_create(
        ApplicationFactory.build(
            participant=participant,
            lead_provider=providers[number % len(providers)],
            course=course,
            cohort=cohort,
            eligible_for_funding=True,
            **times,
        )
        for number, participant in enumerate(made)
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
