"""What staff fill in to add or edit reference data, each form with what the row has now."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Model

from npq_portal.back_office.corrections.forms import CorrectionForm, day_field
from npq_portal.providers.models import LeadProvider
from schedules.choices import DeclarationType
from schedules.models import Cohort, Course, CourseGroup, Schedule

Fieldset = tuple[str | None, dict[str, Any]]


class ReferenceForm(CorrectionForm):
    """What every addition and edit has; of an addition there is no row."""

    copied: Sequence[str] = ()
    """The fields that first show what attributes of the row of the same names have."""

    @classmethod
    def current(cls, record: Any) -> dict[str, Any]:
        """Return what the row has now."""
        if record is None:
            return {}
        return {name: getattr(record, name) for name in cls.copied}

    def arguments(self) -> dict[str, Any]:
        """Return what the service is called with, where a row was chosen its id."""
        return {
            f"{name}_id" if isinstance(value, Model) else name: getattr(value, "pk", value)
            for name, value in self.cleaned_data.items()
        }

    def fieldsets(self) -> list[Fieldset]:
        """Return the fields as they are laid out."""
        return [(None, {"fields": list(self.fields)})]


class CohortForm(ReferenceForm):
    """In which year a cohort begins."""

    start_year = forms.IntegerField(
        label="Start year", help_text="The year in which the academic year begins."
    )
    copied = ("start_year",)


class CopyForm(ReferenceForm):
    """To which year a cohort is copied."""

    to_year = forms.IntegerField(
        label="Copy to the cohort of",
        help_text="Schedules, milestones, windows and payment periods, their dates moved by whole"
        " years. What that cohort has already stays as it is.",
    )

    @staticmethod
    def suggested(record: Cohort) -> dict[str, Any]:
        """Return the year after."""
        return {"to_year": record.start_year + 1}


class CourseGroupForm(ReferenceForm):
    """What a course group is called, and whether there are outcomes."""

    name = forms.CharField(max_length=50)
    has_outcomes = forms.BooleanField(
        label="Courses of this group have outcomes",
        required=False,
        help_text="A completed declaration then says whether the participant has passed.",
    )
    copied = ("name", "has_outcomes")


class CourseForm(ReferenceForm):
    """What a course is called, and to which group it belongs."""

    identifier = forms.CharField(max_length=100, help_text="As providers send it: npq-headship.")
    name = forms.CharField(max_length=200)
    short_name = forms.CharField(max_length=20)
    group = forms.ModelChoiceField(
        CourseGroup.objects.all(), label="Course group", help_text="Decides on its schedules."
    )
    copied = ("identifier", "name", "short_name", "group")


class MilestoneForm(ReferenceForm):
    """The dates of a milestone."""

    start_date = day_field("Starts on", help_text="The first milestone starts the schedule.")
    cut_off_date = day_field(
        "Cut-off",
        required=False,
        help_text="Who withdraws before the cut-off of started is not paid for. May be empty.",
    )
    payment_date = day_field("Payment date", required=False, help_text="May be empty.")
    copied: Sequence[str] = ("start_date", "cut_off_date", "payment_date")


class NewMilestoneForm(MilestoneForm):
    """A declaration type that a schedule does not have yet, and its dates."""

    declaration_type = forms.ChoiceField()
    field_order = ("declaration_type",)
    copied = ()

    def offer(self, record: Schedule) -> None:
        """Offer the types that are not there yet, and begin where the schedule does."""
        milestones = list(record.milestones.all())
        known = {it.declaration_type for it in milestones}
        self.fields["declaration_type"].choices = [  # type: ignore[attr-defined]
            it for it in DeclarationType.choices if it[0] not in known
        ]
        if milestones:
            self.initial["start_date"] = milestones[0].start_date


class PeriodForm(ReferenceForm):
    """The dates of a payment period."""

    deadline_date = day_field("Deadline", help_text="The last day on which it takes anything on.")
    payment_date = day_field("Payment date")
    copied = ("deadline_date", "payment_date")


class PriceForm(ReferenceForm):
    """What a contract pays."""

    price_per_participant = forms.DecimalField(
        label="Price",
        help_text="Pounds, in whole pence, for one participant's whole course. What was paid stays"
        " as it is.",
    )
    copied: Sequence[str] = ("price_per_participant",)


class NewPriceForm(PriceForm):
    """For whom a contract pays, and what."""

    lead_provider = forms.ModelChoiceField(LeadProvider.objects.all())
    cohort = forms.ModelChoiceField(Cohort.objects.all())
    course = forms.ModelChoiceField(Course.objects.all())
    field_order = ("lead_provider", "cohort", "course", "price_per_participant")
