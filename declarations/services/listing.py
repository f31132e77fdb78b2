"""In whose lists a declaration stands (rules 4.1)."""

from uuid import UUID

from django.db.models import F, Q

from declarations.models import Declaration, DeclarationListing
from declarations.signals import declarations_relisted
from participants.models import Application


def listing_of(declaration: Declaration) -> DeclarationListing:
    """Return the place of a new ``declaration`` in its submitter's list, not yet saved (4.1)."""
    return _listing(declaration, declaration.lead_provider_id)


def _listing(declaration: Declaration, lead_provider_id: UUID) -> DeclarationListing:
    return DeclarationListing(
        declaration=declaration,
        lead_provider_id=lead_provider_id,
        created_at=declaration.created_at,
    )


def relist_declarations(application: Application) -> None:
    """Let providers have those of a locked ``application`` whose lists they belong in (rules 4.1).

    Those are the list of who holds the application now, and of who submitted them.
    """
    listings = DeclarationListing.objects.filter(declaration__application=application)
    listings.exclude(
        Q(lead_provider=F("declaration__lead_provider"))
        | Q(lead_provider=application.lead_provider_id)
    ).delete()
    DeclarationListing.objects.bulk_create(
        (_listing(it, application.lead_provider_id) for it in application.declarations.all()),
        ignore_conflicts=True,
    )
    declarations_relisted.send(sender=Declaration, application=application)
