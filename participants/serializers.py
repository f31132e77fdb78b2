"""The attributes that requests on participants carry (rules 7)."""

from typing import Any

from rest_framework import serializers

from npq_portal.api.inputs import StartYearField, TextField, WordField
from participants.choices import DeferralReason, WithdrawalReason


class WithdrawAttributes(serializers.Serializer[Any]):
    """What a withdrawal says."""

    course_identifier = TextField(initial="npq-headship")
    reason = WordField(
        WithdrawalReason.choices,
        initial="change-in-school-circumstances",
        help_text="`quality-of-programme-structure-not-suitable` is also read with a full stop "
        "at its end.",
    )


class DeferAttributes(serializers.Serializer[Any]):
    """What a deferral says."""

    course_identifier = TextField(initial="npq-headship")
    reason = WordField(DeferralReason.choices, initial="career-break")


class ResumeAttributes(serializers.Serializer[Any]):
    """What a resumption says."""

    course_identifier = TextField(initial="npq-headship")


class ChangeScheduleAttributes(serializers.Serializer[Any]):
    """What a change of schedule says; without ``cohort`` the application's own is meant."""

    course_identifier = TextField(initial="npq-headship")
    schedule_identifier = TextField(initial="npq-leadership-spring")
    cohort = StartYearField(
        required=False,
        allow_null=True,
        initial=2021,
        help_text="The year in which the cohort of the schedule starts; by default that of the "
        "application.",
    )
