"""Declarations keep to chapter 8: one in a slot, one that counts for a person."""

from collections.abc import Iterator

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, When
from django.db.models.functions import Cast

from declarations.models import Declaration, DeclarationListing
from npq_portal.back_office.integrity.reading import PIECE, Check, crowded, sentences
from schedules.models import Milestone

PERSON = Case(
    When(
        application__participant__teacher_reference_number_validated=True,
        then=F("application__participant__teacher_reference_number"),
    ),
    default=Cast("application__participant", CharField()),
)
"""Who a declaration is about: all records that share a validated TRN are one person."""


def _slots_hold_one_declaration() -> Iterator[str]:
    slots = (
        Declaration.objects.in_slot()
        .values("application_id", "declaration_type")
        .annotate(count=Count("id"))
        .filter(count__gt=1)
        .order_by()
    )
    for row in slots.iterator(PIECE):
        yield (
            "Application {application_id} has {count} declarations of type {declaration_type} at"
            " once; one may stand."
        ).format(**row)


def _persons_count_once() -> Iterator[str]:
    """Count for one person, course and type what is or may yet be paid (rules 8.7, 8.9)."""
    counted = Declaration.objects.counted().annotate(person=PERSON)
    for first, last, count in crowded(counted, "person", "application__course", "declaration_type"):
        yield (
            f"Declarations {first} and {last}, {count} in all, count for one person, course and"
            " type; one may."
        )


def _counted_declarations_have_a_milestone() -> Iterator[str]:
    milestone = Milestone.objects.filter(
        schedule=OuterRef("application__schedule"), declaration_type=OuterRef("declaration_type")
    )
    yield from sentences(
        Declaration.objects.counted().filter(~Exists(milestone)),
        "Declaration {id} has a type, {declaration_type}, that its schedule lacks.",
    )


def _declarations_are_listed() -> Iterator[str]:
    for provider in ("lead_provider", "application__lead_provider"):
        listing = DeclarationListing.objects.filter(
            declaration=OuterRef("pk"), lead_provider=OuterRef(provider)
        )
        yield from sentences(
            Declaration.objects.filter(~Exists(listing)),
            "Declaration {id} is missing in the list of the provider that "
            + ("submitted it." if provider == "lead_provider" else "holds its application."),
        )
    yield from sentences(
        DeclarationListing.objects.exclude(
            Q(lead_provider=F("declaration__lead_provider"))
            | Q(lead_provider=F("declaration__application__lead_provider"))
        ),
        "Declaration {declaration_id} stands in the list of provider {lead_provider_id}, which"
        " neither submitted it nor holds its application.",
    )
    yield from sentences(
        DeclarationListing.objects.exclude(created_at=F("declaration__created_at")),
        "Declaration {declaration_id} stands in the list of provider {lead_provider_id} at"
        " {created_at}, when it was not recorded.",
    )


CHECKS: tuple[Check, ...] = (
    _declarations_are_listed,
    _slots_hold_one_declaration,
    _persons_count_once,
    _counted_declarations_have_a_milestone,
)
