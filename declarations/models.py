"""Declarations, the statements they are paid on, and the history of both (rules 8 and 10)."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from declarations.choices import DeclarationState, StatementState
from declarations.rules import COUNTED, IN_SLOT
from npq_portal.history import HistoryRow
from npq_portal.identifiers import new_id
from npq_portal.providers.models import LeadProvider, ProviderListing
from participants.models import Application
from schedules.choices import DeclarationType
from schedules.models import Cohort, Course, Schedule


class ContractPrice(models.Model):
    """What a provider's contract pays for one participant's course, in pounds (rules 10.8)."""

    lead_provider = models.ForeignKey(
        LeadProvider, on_delete=models.PROTECT, related_name="contract_prices"
    )
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="contract_prices")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="contract_prices")
    price_per_participant = models.DecimalField(max_digits=9, decimal_places=2)
    history = HistoricalRecords(history_change_reason_field=models.TextField(null=True))

    class Meta:
        ordering = ("lead_provider", "cohort", "course")
        constraints = (
            models.UniqueConstraint(
                fields=("lead_provider", "cohort", "course"), name="contract_price_once_for_course"
            ),
            models.CheckConstraint(
                name="contract_price_is_positive", condition=Q(price_per_participant__gt=0)
            ),
        )

    def __str__(self) -> str:
        return f"£{self.price_per_participant:,.2f} for {self.course} with {self.lead_provider}"


class PaymentPeriod(models.Model):
    """One period of a cohort in which providers are paid; its days are London days.

    The same for whichever providers have a statement for it. One ``for_every_provider`` gives a
    statement to providers created later as well (rules 2.5, 11.9).
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="payment_periods")
    name = models.CharField(max_length=100)
    deadline_date = models.DateField()
    payment_date = models.DateField()
    for_every_provider = models.BooleanField(default=False)
    history = HistoricalRecords(history_change_reason_field=models.TextField(null=True))

    class Meta:
        ordering = ("cohort", "deadline_date", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "name"), name="payment_period_once_in_cohort"
            ),
            models.CheckConstraint(
                name="payment_period_pays_after_deadline",
                condition=Q(payment_date__gte=F("deadline_date")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} (cohort {self.cohort})"


class StatementQuerySet(models.QuerySet["Statement"]):
    """How statements are asked for."""

    def for_provider(self, provider: LeadProvider) -> "StatementQuerySet":
        """Keep the statements of ``provider`` (rules 4.1)."""
        return self.filter(lead_provider=provider)

    def due(self, as_of: date) -> "StatementQuerySet":
        """Keep those to become payable on the London day ``as_of``, by deadline (rules 10.5)."""
        due = self.filter(state=StatementState.OPEN, period__deadline_date__lt=as_of)
        return due.order_by("period__deadline_date", "id")


class Statement(models.Model):
    """What one provider is paid for one payment period (rules 10.4)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lead_provider = models.ForeignKey(
        LeadProvider, on_delete=models.PROTECT, related_name="statements"
    )
    period = models.ForeignKey(PaymentPeriod, on_delete=models.PROTECT, related_name="statements")
    state = models.CharField(
        max_length=20, choices=StatementState.choices, default=StatementState.OPEN
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        permissions = (("authorise_statement", "Can authorise a statement for payment"),)
        constraints = (
            models.UniqueConstraint(
                fields=("lead_provider", "period"), name="statement_once_for_provider"
            ),
            models.CheckConstraint(
                name="statement_state_is_known", condition=Q(state__in=StatementState.values)
            ),
        )
        indexes = (
            models.Index(fields=("lead_provider", "created_at", "id"), name="statement_in_order"),
            models.Index(fields=("lead_provider", "updated_at"), name="statement_updated"),
        )

    def __str__(self) -> str:
        return f"{self.lead_provider}: {self.period}"


class StatementEvent(HistoryRow):
    """One step of a statement."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="events")
    from_state = models.CharField(max_length=20, choices=StatementState.choices, blank=True)
    to_state = models.CharField(max_length=20, choices=StatementState.choices)

    class Meta(HistoryRow.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.from_state or 'new'} to {self.to_state}"


class DeclarationQuerySet(models.QuerySet["Declaration"]):
    """How declarations are asked for."""

    def for_provider(self, provider: LeadProvider) -> "DeclarationQuerySet":
        """Keep those in the list of ``provider`` (rules 4.1)."""
        return self.filter(listings__lead_provider=provider)

    def counted(self) -> "DeclarationQuerySet":
        """Keep those that are, or may yet be, paid for."""
        return self.filter(state__in=COUNTED)

    def in_slot(self) -> "DeclarationQuerySet":
        """Keep those that hold their application's slot for their type (rules 8.7)."""
        return self.filter(state__in=IN_SLOT)


class Declaration(models.Model):
    """A provider's statement that a participant reached a milestone (rules 8).

    Stays with the provider that submitted it when its application goes to another; then it is
    listed for that one as well, and its ``updated_at`` moves (rules 14.6).
    ``has_passed`` is what was first submitted; the outcomes tell what holds now. It has a line on
    the ``statement`` that pays for it and one on the ``clawback_statement`` that takes the payment
    back, each one at the most. ``amount`` is what was paid for it, in pounds, and is null until
    then or where no contract gave a price (rules 10.8); ``paid_course`` and ``paid_schedule`` are
    those that its application had then (ADR 5).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="declarations"
    )
    lead_provider = models.ForeignKey(
        LeadProvider,
        on_delete=models.PROTECT,
        related_name="declarations",
        help_text="The provider that submitted it.",
    )
    declaration_type = models.CharField(max_length=20, choices=DeclarationType.choices)
    declaration_date = models.DateTimeField()
    has_passed = models.BooleanField(null=True)
    state = models.CharField(max_length=20, choices=DeclarationState.choices)
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="duplicates"
    )
    statement = models.ForeignKey(
        Statement,
        on_delete=models.PROTECT,
        null=True,
        related_name="declarations",
        db_index=False,
    )
    clawback_statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, null=True, related_name="clawbacks"
    )
    amount = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    paid_course = models.ForeignKey(
        Course, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    paid_schedule = models.ForeignKey(
        Schedule, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("application", "declaration_type"),
                condition=Q(state__in=sorted(IN_SLOT)),
                name="declaration_once_in_slot",
            ),
            models.CheckConstraint(
                name="declaration_type_is_known",
                condition=Q(declaration_type__in=DeclarationType.values),
            ),
            models.CheckConstraint(
                name="declaration_state_fits_statements",
                condition=Q(
                    state__in=["submitted", "voided", "ineligible"],
                    statement__isnull=True,
                    clawback_statement__isnull=True,
                )
                | Q(state="eligible", clawback_statement__isnull=True)
                | Q(
                    state__in=["payable", "paid"],
                    statement__isnull=False,
                    clawback_statement__isnull=True,
                )
                | Q(state="awaiting-clawback", statement__isnull=False)
                | Q(
                    state="clawed-back",
                    statement__isnull=False,
                    clawback_statement__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="declaration_amount_is_what_was_paid",
                condition=Q(amount__isnull=True)
                | Q(state__in=["paid", "awaiting-clawback", "clawed-back"], amount__gte=0),
            ),
            models.CheckConstraint(
                name="declaration_course_is_what_was_paid",
                condition=Q(paid_course__isnull=True, paid_schedule__isnull=True)
                | Q(
                    state__in=["paid", "awaiting-clawback", "clawed-back"],
                    paid_course__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="declaration_has_passed_only_completed",
                condition=Q(has_passed__isnull=True)
                | Q(declaration_type=DeclarationType.COMPLETED),
            ),
            models.CheckConstraint(
                name="declaration_duplicate_is_unpaid",
                condition=Q(duplicate_of__isnull=True) | Q(state__in=["ineligible", "voided"]),
            ),
        )
        indexes = (
            models.Index(fields=("created_at", "id"), name="declaration_in_order"),
            models.Index(
                fields=("lead_provider", "created_at", "id"), name="declaration_of_provider"
            ),
            models.Index(fields=("state", "created_at", "id"), name="declaration_in_state"),
            models.Index(fields=("statement", "created_at", "id"), name="declaration_on_statement"),
            models.Index(fields=("updated_at",), name="declaration_updated"),
            models.Index(fields=("created_at", "state"), name="declaration_state_in_order"),
            models.Index(
                fields=("created_at",),
                condition=Q(duplicate_of__isnull=False, state=DeclarationState.INELIGIBLE),
                name="declaration_unpaid_duplicate",
            ),
        )

    def __str__(self) -> str:
        return f"{self.declaration_type} in {self.application}"


class DeclarationListing(ProviderListing):
    """A declaration's place in the list of one lead provider (ADR 18).

    There is one for the provider that submitted it, and one for the provider that holds its
    application when that is another.
    """

    pk = models.CompositePrimaryKey("declaration_id", "lead_provider_id")
    declaration = models.ForeignKey(
        Declaration, on_delete=models.PROTECT, related_name="listings", db_index=False
    )

    class Meta(ProviderListing.Meta):
        indexes = (
            models.Index(
                fields=("lead_provider", "created_at", "declaration"),
                name="declaration_listing_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.declaration_id} with {self.lead_provider_id}"


class DeclarationEvent(HistoryRow):
    """One step of a declaration, and the statements it is on from then (rules 8.12).

    One that waited and was taken on by a statement keeps its state.
    """

    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="events")
    from_state = models.CharField(max_length=20, choices=DeclarationState.choices, blank=True)
    to_state = models.CharField(max_length=20, choices=DeclarationState.choices)
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    clawback_statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta(HistoryRow.Meta):
        indexes = (
            models.Index(fields=("at", "id"), name="declaration_event_in_order"),
            models.Index(fields=("to_state", "at", "id"), name="declaration_event_to_state"),
        )

    def __str__(self) -> str:
        return f"{self.from_state or 'new'} to {self.to_state}"
