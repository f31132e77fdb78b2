"""In whose lists outcomes stand: in those that their declarations stand in (rules 4.1)."""

from django.db.models import Exists, OuterRef

from declarations.models import DeclarationListing
from outcomes.models import Outcome, OutcomeListing
from participants.models import Application


def listings_of(outcome: Outcome) -> list[OutcomeListing]:
    """Return the places of an ``outcome`` in the lists of providers, not yet saved (rules 4.1).

    The person is locked, so that no application moves to another provider before commit.
    """
    return [
        OutcomeListing(
            outcome=outcome,
            lead_provider_id=of_declaration.lead_provider_id,
            created_at=outcome.created_at,
        )
        for of_declaration in outcome.declaration.listings.all()
    ]


def relist_outcomes(application: Application) -> None:
    """Let providers have the outcomes of a locked ``application`` as they have its declarations.

    To be called inside the transaction that listed those anew (rules 4.1).
    """
    of_declaration = DeclarationListing.objects.filter(
        declaration=OuterRef("outcome__declaration"), lead_provider=OuterRef("lead_provider")
    )
    listings = OutcomeListing.objects.filter(outcome__declaration__application=application)
    listings.exclude(Exists(of_declaration)).delete()
    declarations = application.declarations.prefetch_related("listings", "outcomes")
    OutcomeListing.objects.bulk_create(
        (
            listing
            for declaration in declarations
            for outcome in declaration.outcomes.all()
            for listing in listings_of(outcome)
        ),
        ignore_conflicts=True,
    )
