from django.db import connection

from declarations.models import Declaration, DeclarationEvent, DeclarationListing
from declarations.services.listing import listing_of
from schedules.models import Milestone
from tests.factories.participants import ParticipantFactory
from tests.integrity.conftest import (
    DECLARED,
    LATER,
    change,
    declare,
    found,
    validate_one_trn_for_all,
    void,
    withdraw,
)


def test_two_in_one_slot(enrolment, eligible):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX declaration_once_in_slot")
    voided = void(eligible)
    first = declare(enrolment, at=LATER)
    change(voided, state="ineligible", duplicate_of=first)
    DeclarationEvent.objects.filter(to_state="voided").update(to_state="ineligible")
    assert found() == [
        f"Application {enrolment.pk} has 2 declarations of type started at once; one may stand."
    ]


def test_two_that_count_under_two_records_of_a_person(enrol):
    former, current = (enrol(participant=ParticipantFactory()) for _ in range(2))
    first, second = sorted(declare(it).pk for it in (former, current))
    withdraw(former, at=LATER)
    validate_one_trn_for_all()
    assert found() == [
        (
            f"Declarations {first} and {second}, 2 in all, count for one person, course and type;"
            " one may."
        )
    ]


def test_two_that_count_under_two_applications_of_a_person(enrol, other_provider):
    former = enrol()
    withdraw(former, at=LATER)
    application = enrol(participant=former.participant, lead_provider=other_provider)
    current = declare(application, at=LATER)
    stray = Declaration.objects.create(
        application=former,
        lead_provider=former.lead_provider,
        declaration_type="started",
        declaration_date=DECLARED,
        state="eligible",
        created_at=LATER,
        updated_at=LATER,
    )
    listing_of(stray).save()
    stray.events.create(to_state="eligible", at=LATER, command="test")
    first, second = sorted((current.pk, stray.pk))
    assert found() == [
        (
            f"Declarations {first} and {second}, 2 in all, count for one person, course and type;"
            " one may."
        )
    ]


def test_of_a_type_without_a_milestone(eligible):
    Milestone.objects.filter(declaration_type="started").update(declaration_type="retained-2")
    assert found() == [f"Declaration {eligible.pk} has a type, started, that its schedule lacks."]


def test_missing_in_its_submitters_list(eligible):
    eligible.listings.all().delete()
    assert found() == [
        f"Declaration {eligible.pk} is missing in the list of the provider that submitted it.",
        (
            f"Declaration {eligible.pk} is missing in the list of the provider that holds its"
            " application."
        ),
    ]


def test_in_the_list_of_a_provider_that_has_nothing_to_do_with_it(eligible, other_provider):
    DeclarationListing.objects.create(
        declaration=eligible, lead_provider=other_provider, created_at=eligible.created_at
    )
    assert found() == [
        (
            f"Declaration {eligible.pk} stands in the list of provider {other_provider.pk}, which"
            " neither submitted it nor holds its application."
        )
    ]


def test_listed_at_another_time_than_it_was_recorded(eligible):
    eligible.listings.update(created_at=LATER)
    assert found() == [
        (
            f"Declaration {eligible.pk} stands in the list of provider {eligible.lead_provider_id}"
            f" at {LATER}, when it was not recorded."
        )
    ]
