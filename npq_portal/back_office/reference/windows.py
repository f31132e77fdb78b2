"""The forms of schedules, whose windows share out the days and move together (rules 14.11)."""

from typing import Any

from django import forms
from django.db.models import F

from npq_portal.back_office.corrections.forms import day_field
from npq_portal.back_office.reference.forms import Fieldset, ReferenceForm
from schedules.models import Cohort, CourseGroup, Schedule
from schedules.services.editing import Days

HINT = (
    "Each day of acceptance needs exactly one schedule of the group, so windows that meet move"
    " together. A day that is left empty leaves that side open."
)


class WindowsForm(ReferenceForm):
    """Two days for each schedule that may take the same acceptances."""

    def __init__(self, record: Any, data: Any = None) -> None:
        self.shown: list[Schedule] = []
        super().__init__(record, None if data is None else data.copy())

    def offer(self, record: Any) -> None:
        """Offer the windows of the schedules concerned, with what they are now."""
        rows = self.schedules(record).select_related("cohort", "group")
        self.shown = list(
            rows.order_by("group", F("accepted_from").asc(nulls_first=True), "identifier")
        )
        for it in self.shown:
            for name, label, day in (
                (_first(it), "First day", it.accepted_from),
                (_last(it), "Last day", it.accepted_until),
            ):
                self.fields[name] = day_field(label, required=False)
                self.fields[name].error_messages["invalid"] = f"Give a day for {it.identifier}."
                self.initial[name] = day
                if self.is_bound and name not in self.data:
                    # Shown for the first time, after its group was chosen.
                    self.data[name] = day or ""  # type: ignore[index]
        self.order_fields([it for it in self.fields if it != "reason"])

    def schedules(self, record: Any) -> Any:
        """Return the query of the schedules whose windows are asked for: of none, at first."""
        return Schedule.objects.none()

    def arguments(self) -> dict[str, Any]:
        """Return what the service is called with, the windows as others to move."""
        values = super().arguments()
        others = {it.pk: Days(values.pop(_first(it)), values.pop(_last(it))) for it in self.shown}
        return {**values, "others": others}

    def fieldsets(self) -> list[Fieldset]:
        """Return a line for each window, between what else is asked and the reason."""
        windows = {name for it in self.shown for name in (_first(it), _last(it))}
        others = [it for it in self.fields if it not in windows and it != "reason"]
        groups = {it.group_id for it in self.shown}
        lines: list[Fieldset] = [
            (
                f"{it.identifier} ({it.group})" if len(groups) > 1 else it.identifier,
                {"fields": [(_first(it), _last(it))]},
            )
            for it in self.shown
        ]
        head: list[Fieldset] = [(None, {"fields": others})] if others else []
        return [*head, *lines, (None, {"fields": ["reason"]})]

    def _chosen(self, name: str) -> Any:
        """Return the row that was chosen in a field, None while there is none."""
        try:
            return self.fields[name].clean(self[name].value())
        except forms.ValidationError:
            return None


def _first(schedule: Schedule) -> str:
    return f"from_{schedule.pk}"


def _last(schedule: Schedule) -> str:
    return f"until_{schedule.pk}"


class OwnWindowForm(WindowsForm):
    """The windows beside that of a schedule, and its own."""

    def offer(self, record: Schedule) -> None:
        """Remember which of the windows is its own."""
        self.record = record
        super().offer(record)

    def arguments(self) -> dict[str, Any]:
        """Return what the service is called with, its own window apart from the others."""
        values = super().arguments()
        return {**values, "window": values["others"].pop(self.record.pk)}


class MoveWindowsForm(OwnWindowForm):
    """The windows of a cohort's schedules of one group."""

    def schedules(self, record: Schedule) -> Any:
        """Return those of the same cohort and group."""
        return Schedule.objects.filter(cohort=record.cohort_id, group=record.group_id)

    def arguments(self) -> dict[str, Any]:
        """Return what the service is called with, name and group as they are."""
        as_it_is = {"identifier": self.record.identifier, "group_id": self.record.group_id}
        return {**super().arguments(), **as_it_is}


class ScheduleForm(OwnWindowForm):
    """What a schedule is called and whom it is for, and the windows of both groups."""

    identifier = forms.CharField(max_length=100)
    group = forms.ModelChoiceField(CourseGroup.objects.all(), label="Course group")
    copied = ("identifier", "group")
    field_order = ("identifier", "group")

    def schedules(self, record: Schedule) -> Any:
        """Return those of the cohort in its group, and in the one that was chosen."""
        groups = [it for it in (record.group, self._chosen("group")) if it is not None]
        return Schedule.objects.filter(cohort=record.cohort_id, group__in=groups)


class NewScheduleForm(WindowsForm):
    """A schedule to come, and the windows that have to make room for it."""

    cohort = forms.ModelChoiceField(Cohort.objects.all())
    group = forms.ModelChoiceField(CourseGroup.objects.all(), label="Course group")
    identifier = forms.CharField(
        max_length=100, help_text="As providers send it: npq-leadership-autumn."
    )
    accepted_from = day_field("First day", required=False)
    accepted_until = day_field("Last day", required=False)
    field_order = ("cohort", "group", "identifier", "accepted_from", "accepted_until")

    def schedules(self, record: None) -> Any:
        """Return those of the cohort and group, once these are chosen."""
        cohort, group = self._chosen("cohort"), self._chosen("group")
        if cohort is None or group is None:
            return super().schedules(record)
        return Schedule.objects.filter(cohort=cohort, group=group)

    def arguments(self) -> dict[str, Any]:
        """Return what the service is called with, the two days as one window."""
        values = super().arguments()
        days = Days(values.pop("accepted_from"), values.pop("accepted_until"))
        return {**values, "window": days}
