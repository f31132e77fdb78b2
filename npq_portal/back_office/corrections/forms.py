"""What staff fill in to correct a record, each form with what the record has now."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from declarations.models import Declaration
from npq_portal.admin import tell_refused
from npq_portal.back_office.corrections.records import newest_outcome
from npq_portal.clock import london_day
from npq_portal.errors import Refused
from npq_portal.fingerprints import fingerprint
from npq_portal.providers.models import LeadProvider
from outcomes.rules import POSTABLE
from participants.choices import DeferralReason, FundingIneligibility, WithdrawalReason
from participants.models import Application, Participant
from participants.services.corrections import siblings_rejected_with
from schedules.models import Course, Milestone, Schedule

OPENED = "opened"
"""The parameter of the fingerprint of what a form showed when it was opened."""


def words(reason: Any) -> list[tuple[str, str]]:
    """Return reasons whose values are their words as choices for people, none chosen."""
    return [("", "Choose one"), *((it.value, it.value.replace("-", " ")) for it in reason)]


def day_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    """Return a field for a London day."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


class CorrectionForm(forms.Form):
    """What every correction asks for; the fields of a subclass are arguments of its service.

    ``attributes`` says which field is meant where a refusal names an attribute otherwise.
    """

    reason = forms.CharField(
        label="Why",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text="Kept in the history, with your name.",
    )
    attributes: ClassVar[Mapping[str, str]] = {}

    def __init__(self, record: Any, data: Mapping[str, Any] | None = None) -> None:
        self.present = self.current(record)
        super().__init__(data, initial={**self.suggested(record), **self.present})
        self.label_suffix = ""
        self.hidden: frozenset[str] = frozenset()
        self.order_fields([name for name in self.fields if name != "reason"])
        self.offer(record)

    @staticmethod
    def current(record: Any) -> dict[str, Any]:
        """Return what the record has now, which the fields show at first."""
        return {}

    @staticmethod
    def suggested(record: Any) -> dict[str, Any]:
        """Return what fields show at first that the record does not have."""
        return {}

    @property
    def opened(self) -> str:
        """The fingerprint of what the record had when the form was opened."""
        posted: str = self.data.get(OPENED, "")
        return posted or self._fingerprint()

    @property
    def is_stale(self) -> bool:
        """Whether the record has something else now than when the form was opened."""
        return self.opened != self._fingerprint()

    def renew(self) -> bool:
        """Show what the record has now where that has changed since the form was opened.

        Returns whether it had; what was filled in for it is gone then.
        """
        if not self.is_stale:
            return False
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        for name, value in self.present.items():
            data[name] = value
        data[OPENED] = self._fingerprint()
        self.data = data
        return True

    def _fingerprint(self) -> str:
        return fingerprint({name: str(value) for name, value in self.present.items()})

    def offer(self, record: Any) -> None:
        """Offer what can be chosen for ``record``."""

    def values(self) -> dict[str, Any]:
        """Return what was filled in, as JSON can hold it; the reason is kept apart."""
        return {name: self[name].value() for name in self.fields if name != "reason"}

    def ask_only(self, name: str) -> None:
        """Hide all fields but one: the values of the others are settled."""
        self.hidden = frozenset(self.fields) - {name}

    @property
    def asked(self) -> list[str]:
        """The names of the fields that are shown."""
        return [name for name in self.fields if name not in self.hidden]

    def add_error(self, field: str | None, error: Any) -> None:
        """Note what is wrong, by itself where the field that it is about is not shown."""
        if field not in self.hidden:
            super().add_error(field, error)
            return
        label = self[str(field)].label
        for sentence in ValidationError(error).messages:
            super().add_error(None, f"{label}: {sentence}")

    def tell(self, refused: Refused) -> None:
        """Show why it was refused, at the fields where it is about one."""
        tell_refused(self, refused, self.attributes)


class DetailsForm(CorrectionForm):
    """Who somebody is."""

    full_name = forms.CharField(label="Name", max_length=500)
    email = forms.CharField(label="E-mail address", max_length=320)
    teacher_reference_number = forms.CharField(
        label="TRN", required=False, empty_value=None, help_text="Seven digits, or nothing."
    )
    teacher_reference_number_validated = forms.BooleanField(
        label="The TRN is validated", required=False
    )

    @staticmethod
    def current(record: Participant) -> dict[str, Any]:
        """Return the details as they are."""
        return {
            "full_name": record.full_name,
            "email": record.email,
            "teacher_reference_number": record.teacher_reference_number,
            "teacher_reference_number_validated": record.teacher_reference_number_validated,
        }


class MergeForm(CorrectionForm):
    """Which record of the person stays."""

    into_participant_id = forms.UUIDField(
        label="Id of the record that stays",
        help_text="All applications of this record move to that one. This cannot be undone.",
    )


class ScheduleForm(CorrectionForm):
    """The schedule to come, and with it the cohort."""

    schedule = forms.ModelChoiceField(
        Schedule.objects.none(),
        label="New schedule",
        help_text="The cohort in brackets becomes that of the application.",
    )
    attributes: ClassVar = {"schedule_identifier": "schedule", "cohort": "schedule"}

    def offer(self, record: Application) -> None:
        """Offer the schedules of the course's group."""
        schedules = Schedule.objects.filter(group=record.course.group_id).select_related("cohort")
        self.fields["schedule"].queryset = schedules  # type: ignore[attr-defined]


class WithdrawalForm(CorrectionForm):
    """When and why somebody left."""

    withdrawn_on = day_field(
        "Withdrawn on", help_text="The London day from which the participant counts as gone."
    )
    withdrawal_reason = forms.ChoiceField(
        label="Why the participant left", choices=words(WithdrawalReason)
    )

    @staticmethod
    def suggested(record: Application) -> dict[str, Any]:
        """Return today, in London."""
        return {"withdrawn_on": london_day(timezone.now())}


class WithdrawalAgainForm(CorrectionForm):
    """The instant as of which, and why, somebody had left."""

    withdrawn_at = forms.DateTimeField(label="Withdrawn on")
    withdrawal_reason = forms.ChoiceField(
        label="Why the participant left", choices=words(WithdrawalReason)
    )
    attributes: ClassVar = {"withdrawn_on": "withdrawn_at"}


class DeferralForm(CorrectionForm):
    """Why somebody takes a break."""

    deferral_reason = forms.ChoiceField(
        label="Why the participant takes a break", choices=words(DeferralReason)
    )


class FundingForm(CorrectionForm):
    """Whether an application is eligible for funding."""

    eligible_for_funding = forms.BooleanField(label="Eligible for funding", required=False)
    ineligible_for_funding_reason = forms.TypedChoiceField(
        label="Why it is not eligible",
        choices=[("", "Not known"), *FundingIneligibility.choices],
        required=False,
        empty_value=None,
    )

    @staticmethod
    def current(record: Application) -> dict[str, Any]:
        """Return the funding as it is."""
        return {
            "eligible_for_funding": record.eligible_for_funding,
            "ineligible_for_funding_reason": record.ineligible_for_funding_reason or "",
        }


class ReversionForm(CorrectionForm):
    """Which of the applications that were rejected with an acceptance become pending too."""

    siblings = forms.TypedMultipleChoiceField(
        label="Make pending as well",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What this acceptance rejected.",
    )

    def offer(self, record: Application) -> None:
        """Offer the siblings, where there are any."""
        siblings = siblings_rejected_with(record)
        if not siblings:
            del self.fields["siblings"]
            return
        field = self.fields["siblings"]
        field.choices = [  # type: ignore[attr-defined]
            (str(it.pk), f"{it.course} with {it.lead_provider}") for it in siblings
        ]
        field.coerce = UUID  # type: ignore[attr-defined]


class CourseForm(CorrectionForm):
    """The course to come."""

    course = forms.ModelChoiceField(
        Course.objects.all(), label="New course", to_field_name="identifier"
    )

    def clean_course(self) -> str:
        """Return the identifier, which the service asks for."""
        course: Course = self.cleaned_data["course"]
        return course.identifier


class ProviderForm(CorrectionForm):
    """The provider to come."""

    lead_provider = forms.ModelChoiceField(LeadProvider.objects.all(), label="New provider")


class DeclarationForm(CorrectionForm):
    """What the application's provider would have declared."""

    declaration_type = forms.ChoiceField(label="Declaration")
    declaration_date = forms.DateTimeField(
        label="Declaration date",
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        help_text="When the participant got there, in London's time.",
    )
    has_passed = forms.TypedChoiceField(
        label="How the course ended",
        choices=[("", "Not known yet, or not asked for"), ("true", "Passed"), ("false", "Failed")],
        required=False,
        coerce=lambda it: it == "true",
        empty_value=None,
        help_text="Needed for a completed declaration of a course that has outcomes.",
    )

    def offer(self, record: Application) -> None:
        """Offer the milestones of the application's schedule."""
        milestones = Milestone.objects.filter(schedule=record.schedule_id)
        types = milestones.values_list("declaration_type", flat=True)
        self.fields["declaration_type"].choices = [  # type: ignore[attr-defined]
            ("", "Choose one"),
            *((it, it) for it in types),
        ]


class OutcomeForm(CorrectionForm):
    """How the course of a completed declaration ended."""

    state = forms.ChoiceField(
        label="Outcome",
        choices=[("", "Choose one"), *((it.value, it.label) for it in sorted(POSTABLE))],
    )
    completion_date = day_field(
        "Completed on", help_text="The London day on which the participant finished the course."
    )

    @staticmethod
    def current(record: Declaration) -> dict[str, Any]:
        """Return what the newest outcome says, or else the day that was declared."""
        newest = newest_outcome(record)
        if newest is None:
            return {"completion_date": london_day(record.declaration_date)}
        return {"state": newest.state, "completion_date": newest.completion_date}
