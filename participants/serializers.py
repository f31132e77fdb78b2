"""The attributes that requests on participants carry (rules 7)."""

from typing import Any

from rest_framework import serializers

from npq_portal.api.inputs import StartYearField, TextField


class WithdrawAttributes(serializers.Serializer[Any]):
    """What a withdrawal says."""

    course_identifier = TextField()
    reason = TextField()


class DeferAttributes(serializers.Serializer[Any]):
    """What a deferral says."""

    course_identifier = TextField()
    reason = TextField()


class ResumeAttributes(serializers.Serializer[Any]):
    """What a resumption says."""

    course_identifier = TextField()


class ChangeScheduleAttributes(serializers.Serializer[Any]):
    """What a change of schedule says; without ``cohort`` the application's own is meant."""

    course_identifier = TextField()
    schedule_identifier = TextField()
    cohort = StartYearField(required=False)
