"""Applications, what happened to these, and providers' lists of participants (rules 4 to 7)."""

from uuid import UUID

from django.db import models
from django.db.models import Q

from npq_portal.clock import london_time
from npq_portal.history import HistoryRow
from npq_portal.identifiers import new_id
from npq_portal.providers.models import LeadProvider
from participants.choices import (
    ApplicationStatus,
    DeferralReason,
    FundingChoice,
    FundingIneligibility,
    HeadteacherStatus,
    TrainingStatus,
    WithdrawalReason,
)
from participants.models.people import Participant
from schedules.models import Cohort, Course, Schedule


class ParticipantListingQuerySet(models.QuerySet["ParticipantListing"]):
    """How a provider's list is asked for."""

    def for_provider(self, provider: LeadProvider) -> "ParticipantListingQuerySet":
        """Keep those who have an accepted application with ``provider`` now (rules 4.1)."""
        return self.filter(lead_provider=provider, is_current=True)


class ParticipantListing(models.Model):
    """A participant's place in the list of one lead provider (rules 4.3, ADR 18).

    Made when the provider first has an accepted application of the participant and kept when the
    last one leaves, so that ``updated_at``, which moves with the person's details and with this
    provider's applications alone, never goes backwards. ``is_current`` says whether there is one
    now. The participant's creation is repeated here so that a provider's list is read in order
    from one index.
    """

    lead_provider = models.ForeignKey(LeadProvider, on_delete=models.PROTECT, related_name="+")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="listings")
    participant_created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    is_current = models.BooleanField()

    objects = ParticipantListingQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("lead_provider", "participant"), name="listing_once_for_provider"
            ),
        )
        indexes = (
            models.Index(
                fields=("lead_provider", "participant_created_at", "participant"),
                name="listing_in_order",
                condition=Q(is_current=True),
            ),
            models.Index(
                fields=("lead_provider", "updated_at"),
                name="listing_updated",
                condition=Q(is_current=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant_id} with {self.lead_provider_id}"


class ApplicationQuerySet(models.QuerySet["Application"]):
    """How applications are asked for."""

    def for_provider(self, provider: LeadProvider) -> "ApplicationQuerySet":
        """Keep the applications made to ``provider`` (rules 4.1)."""
        return self.filter(lead_provider=provider)

    def of_person(self, participant_id: UUID) -> "ApplicationQuerySet":
        """Keep the applications of a person, whichever of their records they are made under."""
        return self.filter(participant__in=Participant.objects.of_person(participant_id))

    def accepted(self) -> "ApplicationQuerySet":
        """Keep the accepted ones: those on which somebody is, or was, trained."""
        return self.filter(status=ApplicationStatus.ACCEPTED)

    def holding_the_course(self) -> "ApplicationQuerySet":
        """Keep the accepted ones that are not withdrawn: one per person and course (rules 6.3)."""
        return self.accepted().exclude(training_status=TrainingStatus.WITHDRAWN)


class Application(models.Model):
    """One person's application for one course with one provider in one cohort.

    Once accepted it carries the schedule and the training status; the API then also calls it an
    enrolment. What an import did not give is null.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="applications"
    )
    lead_provider = models.ForeignKey(
        LeadProvider, on_delete=models.PROTECT, related_name="applications"
    )
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="applications")
    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="applications", db_index=False
    )
    status = models.CharField(
        max_length=20, choices=ApplicationStatus.choices, default=ApplicationStatus.PENDING
    )
    registered_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    schedule = models.ForeignKey(
        Schedule,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="applications",
        db_index=False,
    )
    training_status = models.CharField(
        max_length=20, choices=TrainingStatus.choices, null=True, blank=True
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawal_reason = models.CharField(
        max_length=100, choices=WithdrawalReason.choices, null=True, blank=True
    )
    deferred_at = models.DateTimeField(null=True, blank=True)
    deferral_reason = models.CharField(
        max_length=100, choices=DeferralReason.choices, null=True, blank=True
    )
    eligible_for_funding = models.BooleanField(default=False)
    ineligible_for_funding_reason = models.CharField(
        max_length=50, choices=FundingIneligibility.choices, null=True, blank=True
    )
    targeted_delivery_funding_eligibility = models.BooleanField(null=True, blank=True)
    funding_choice = models.CharField(
        max_length=20, choices=FundingChoice.choices, null=True, blank=True
    )
    email_validated = models.BooleanField("e-mail validated", null=True, blank=True)
    works_in_school = models.BooleanField(null=True, blank=True)
    employer_name = models.CharField(max_length=500, null=True, blank=True)
    employment_role = models.CharField(max_length=500, null=True, blank=True)
    school_urn = models.CharField("school URN", max_length=50, null=True, blank=True)
    private_childcare_provider_urn = models.CharField(
        "private childcare provider URN", max_length=50, null=True, blank=True
    )
    school_ukprn = models.CharField("school UKPRN", max_length=50, null=True, blank=True)
    headteacher_status = models.CharField(
        max_length=50, choices=HeadteacherStatus.choices, null=True, blank=True
    )
    teacher_catchment = models.BooleanField(null=True, blank=True)
    teacher_catchment_country = models.CharField(max_length=200, null=True, blank=True)
    teacher_catchment_iso_country_code = models.CharField(
        "teacher catchment ISO country code", max_length=3, null=True, blank=True
    )
    lead_mentor = models.BooleanField(null=True, blank=True)
    itt_provider = models.CharField("ITT provider", max_length=500, null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("participant", "course"),
                condition=Q(status=ApplicationStatus.ACCEPTED)
                & ~Q(training_status=TrainingStatus.WITHDRAWN),
                name="application_accepted_once_for_course",
            ),
            models.CheckConstraint(
                name="application_status_is_known",
                condition=Q(status__in=ApplicationStatus.values),
            ),
            models.CheckConstraint(
                name="application_accepted_has_training",
                condition=Q(
                    status=ApplicationStatus.ACCEPTED,
                    accepted_at__isnull=False,
                    schedule__isnull=False,
                    training_status__in=TrainingStatus.values,
                    training_status__isnull=False,
                )
                | (
                    ~Q(status=ApplicationStatus.ACCEPTED)
                    & Q(
                        accepted_at__isnull=True,
                        schedule__isnull=True,
                        training_status__isnull=True,
                    )
                ),
            ),
            models.CheckConstraint(
                name="application_withdrawal_is_whole",
                condition=Q(
                    training_status=TrainingStatus.WITHDRAWN,
                    training_status__isnull=False,
                    withdrawn_at__isnull=False,
                    withdrawal_reason__in=WithdrawalReason.values,
                    withdrawal_reason__isnull=False,
                )
                | (
                    (Q(training_status__isnull=True) | ~Q(training_status=TrainingStatus.WITHDRAWN))
                    & Q(withdrawn_at__isnull=True, withdrawal_reason__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="application_deferral_is_whole",
                condition=Q(
                    training_status=TrainingStatus.DEFERRED,
                    training_status__isnull=False,
                    deferred_at__isnull=False,
                    deferral_reason__in=DeferralReason.values,
                    deferral_reason__isnull=False,
                )
                | (
                    (Q(training_status__isnull=True) | ~Q(training_status=TrainingStatus.DEFERRED))
                    & Q(deferred_at__isnull=True, deferral_reason__isnull=True)
                ),
            ),
        )
        indexes = (
            models.Index(fields=("lead_provider", "created_at", "id"), name="application_in_order"),
            models.Index(fields=("lead_provider", "updated_at"), name="application_updated"),
            models.Index(
                fields=("lead_provider", "cohort", "created_at", "id"),
                name="application_cohort_in_order",
            ),
            models.Index(
                fields=("participant", "lead_provider", "course", "cohort"),
                name="application_of_participant",
            ),
            models.Index(fields=("created_at", "id"), name="application_by_creation"),
            models.Index(fields=("cohort", "created_at", "id"), name="application_of_cohort"),
            models.Index(fields=("schedule", "created_at", "id"), name="application_on_schedule"),
            models.Index(
                fields=("created_at", "id"),
                condition=Q(status=ApplicationStatus.PENDING),
                name="application_pending_longest",
            ),
        )

    def __str__(self) -> str:
        return f"{self.course.short_name} of {self.participant}"

    @property
    def is_withdrawn(self) -> bool:
        """Whether the participant has left this course."""
        return self.training_status == TrainingStatus.WITHDRAWN

    @property
    def holds_course(self) -> bool:
        """Whether it keeps the person from another acceptance for the course (rules 6.3)."""
        return self.status == ApplicationStatus.ACCEPTED and not self.is_withdrawn


class ApplicationEvent(HistoryRow):
    """One change of an application: what it was before, what it became (rules 6.6 and 7.6)."""

    class Kind(models.TextChoices):
        """What happened."""

        REGISTERED = "registered", "Registered"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"
        DEFERRED = "deferred", "Deferred"
        RESUMED = "resumed", "Resumed"
        SCHEDULE_CHANGED = "schedule-changed", "Schedule changed"
        REINSTATED = "reinstated", "Reinstated"
        REVERTED = "reverted", "Made pending again"
        COURSE_CHANGED = "course-changed", "Course changed"
        FUNDING_CHANGED = "funding-changed", "Funding changed"
        TRANSFERRED = "transferred", "Moved to another provider"
        MERGED = "merged", "Moved to the record that the person's was merged into"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=30, choices=Kind.choices)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    because_of = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        null=True,
        related_name="consequences",
        help_text="The application whose acceptance caused this change, where one did.",
    )

    class Meta(HistoryRow.Meta):
        verbose_name = "application event"
        indexes = (
            models.Index(fields=("at", "id"), name="application_event_in_order"),
            models.Index(fields=("kind", "at", "id"), name="application_event_of_kind"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {london_time(self.at)}"
