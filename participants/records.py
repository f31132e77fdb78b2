"""How participants and applications are answered (rules 5.1 and 5.4)."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from npq_portal.api.records import Attribute, Record
from participants.choices import (
    ApplicationStatus,
    DeferralReason,
    FundingChoice,
    FundingIneligibility,
    HeadteacherStatus,
    TrainingStatus,
    WithdrawalReason,
)
from participants.models import Application, ParticipantIdChange

EXAMPLE_PERSON = UUID("a2b1c3d4-7e6f-4a5b-8c9d-0e1f2a3b4c5d")
ENROLMENT_COLUMNS = (
    "id",
    "participant_id",
    "participant__email",
    "course__identifier",
    "schedule__identifier",
    "cohort__start_year",
    "eligible_for_funding",
    "training_status",
    "school_urn",
    "targeted_delivery_funding_eligibility",
    "withdrawn_at",
    "withdrawal_reason",
    "deferred_at",
    "deferral_reason",
    "created_at",
)
ID_CHANGE = ("from_participant_id", "to_participant_id", "changed_at")


class Withdrawal(serializers.Serializer[Any]):
    """Why and when a participant left a course."""

    reason = serializers.ChoiceField(choices=WithdrawalReason.choices)
    date = serializers.DateTimeField()


class Deferral(serializers.Serializer[Any]):
    """Why and since when a participant takes a break from a course."""

    reason = serializers.ChoiceField(choices=DeferralReason.choices)
    date = serializers.DateTimeField()


class Enrolment(serializers.Serializer[Any]):
    """An accepted application, as part of its participant."""

    email = serializers.CharField(initial="robin.fielding@example.org")
    course_identifier = serializers.CharField(initial="npq-headship")
    schedule_identifier = serializers.CharField(initial="npq-leadership-autumn")
    cohort = serializers.CharField(initial="2021", help_text="The year in which it starts.")
    npq_application_id = serializers.UUIDField(initial=UUID("c7a90f3e-5d21-4c8b-b6f4-93e0a1d25c76"))
    eligible_for_funding = serializers.BooleanField(initial=True)
    training_status = serializers.ChoiceField(choices=TrainingStatus.choices, initial="deferred")
    school_urn = serializers.CharField(allow_null=True, initial="123456")
    targeted_delivery_funding_eligibility = serializers.BooleanField(allow_null=True, initial=True)
    withdrawal = Withdrawal(allow_null=True, help_text="Null unless withdrawn.")
    deferral = Deferral(
        allow_null=True,
        help_text="Null unless deferred.",
        initial={"reason": "career-break", "date": datetime(2022, 2, 14, 9, tzinfo=UTC)},
    )
    created_at = serializers.DateTimeField(initial=datetime(2021, 10, 4, 8, 15, 30, tzinfo=UTC))


def enrolment(row: dict[str, Any]) -> dict[str, Any]:
    """Return an accepted application's row as the enrolment that is answered."""
    return {
        "email": row["participant__email"],
        "course_identifier": row["course__identifier"],
        "schedule_identifier": row["schedule__identifier"],
        "cohort": str(row["cohort__start_year"]),
        "npq_application_id": row["id"],
        "eligible_for_funding": row["eligible_for_funding"],
        "training_status": row["training_status"],
        "school_urn": row["school_urn"],
        "targeted_delivery_funding_eligibility": row["targeted_delivery_funding_eligibility"],
        "withdrawal": _interruption(row["withdrawal_reason"], row["withdrawn_at"]),
        "deferral": _interruption(row["deferral_reason"], row["deferred_at"]),
        "created_at": row["created_at"],
    }


def _interruption(reason: str | None, date: Any) -> dict[str, Any] | None:
    return None if reason is None else {"reason": reason, "date": date}


class IdChange(serializers.Serializer[Any]):
    """A record that was merged into this participant's, or into one that was later."""

    from_participant_id = serializers.UUIDField(
        initial=UUID("7c1d9e04-52ab-4f68-a3d7-60b8f29c14e5"), help_text="No longer in use."
    )
    to_participant_id = serializers.UUIDField(initial=EXAMPLE_PERSON)
    changed_at = serializers.DateTimeField(initial=datetime(2022, 2, 14, 9, tzinfo=UTC))


class ParticipantRecord(Record):
    """A participant as one provider sees them, read from its listings (rules 4.3)."""

    type = "npq-participant"
    key = ("participant_created_at", "participant_id")
    id_path = "participant_id"
    example_id = EXAMPLE_PERSON
    attributes = {
        "participant_id": Attribute(
            "participant_id", serializers.UUIDField(initial=EXAMPLE_PERSON)
        ),
        "full_name": Attribute(
            "participant__full_name", serializers.CharField(initial="Robin Fielding")
        ),
        "email": Attribute(
            "participant__email", serializers.CharField(initial="robin.fielding@example.org")
        ),
        "npq_courses": Attribute(
            None,
            serializers.ListField(
                child=serializers.CharField(),
                initial=["npq-headship"],
                help_text="The courses of the accepted applications with this provider.",
            ),
        ),
        "teacher_reference_number": Attribute(
            None,
            serializers.CharField(
                allow_null=True, initial="1234567", help_text="Null until validated."
            ),
        ),
        "updated_at": Attribute(
            "updated_at",
            serializers.DateTimeField(
                initial=datetime(2022, 2, 14, 9, tzinfo=UTC),
                help_text="Moves with the person's details and with the applications to this "
                "provider.",
            ),
        ),
        "npq_enrolments": Attribute(None, Enrolment(many=True)),
        "participant_id_changes": Attribute(None, IdChange(many=True)),
    }

    @classmethod
    def select(cls, queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        paths = {each.path for each in cls.attributes.values() if each.path is not None}
        return queryset.values(
            "lead_provider_id",
            "participant__teacher_reference_number",
            "participant__teacher_reference_number_validated",
            *sorted(paths | set(cls.key)),
        )

    @classmethod
    def attach(cls, rows: list[dict[str, Any]]) -> None:
        """Add enrolments and former ids, a query each for all rows, and the validated TRN."""
        enrolments, changes = _enrolments(rows), _id_changes(rows)
        for row in rows:
            own = enrolments[row["participant_id"]]
            row["npq_enrolments"] = own
            row["participant_id_changes"] = changes[row["participant_id"]]
            row["npq_courses"] = list(dict.fromkeys(it["course_identifier"] for it in own))
            row["teacher_reference_number"] = (
                row["participant__teacher_reference_number"]
                if row["participant__teacher_reference_number_validated"]
                else None
            )


def _enrolments(rows: list[dict[str, Any]]) -> dict[UUID, list[dict[str, Any]]]:
    found = (
        Application.objects.accepted()
        .filter(
            lead_provider__in={row["lead_provider_id"] for row in rows},
            participant__in=[row["participant_id"] for row in rows],
        )
        .order_by("created_at", "id")
        .values(*ENROLMENT_COLUMNS)
    )
    by_participant: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        by_participant[row["participant_id"]].append(enrolment(row))
    return by_participant


def _id_changes(rows: list[dict[str, Any]]) -> dict[UUID, list[dict[str, Any]]]:
    found = (
        ParticipantIdChange.objects.filter(survivor__in=[row["participant_id"] for row in rows])
        .order_by("at", "id")
        .values_list("survivor", "from_participant", "to_participant", "at")
    )
    by_survivor: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for survivor, *change in found:
        by_survivor[survivor].append(dict(zip(ID_CHANGE, change, strict=True)))
    return by_survivor


def _text(path: str, example: str | None) -> Attribute:
    return Attribute(path, serializers.CharField(allow_null=True, initial=example))


def _yes_no(path: str, example: bool) -> Attribute:
    return Attribute(path, serializers.BooleanField(allow_null=True, initial=example))


class ApplicationRecord(Record):
    """An application; what an import did not give is null."""

    type = "npq_application"
    example_id = UUID("c7a90f3e-5d21-4c8b-b6f4-93e0a1d25c76")
    attributes = {
        "participant_id": Attribute(
            "participant_id", serializers.UUIDField(initial=EXAMPLE_PERSON)
        ),
        "full_name": Attribute(
            "participant__full_name", serializers.CharField(initial="Robin Fielding")
        ),
        "email": Attribute(
            "participant__email", serializers.CharField(initial="robin.fielding@example.org")
        ),
        "email_validated": _yes_no("email_validated", True),
        "teacher_reference_number": _text("participant__teacher_reference_number", "1234567"),
        "teacher_reference_number_validated": Attribute(
            "participant__teacher_reference_number_validated",
            serializers.BooleanField(initial=True),
        ),
        "works_in_school": _yes_no("works_in_school", True),
        "employer_name": _text("employer_name", None),
        "employment_role": _text("employment_role", None),
        "school_urn": _text("school_urn", "123456"),
        "private_childcare_provider_urn": _text("private_childcare_provider_urn", None),
        "school_ukprn": _text("school_ukprn", "10012345"),
        "headteacher_status": Attribute(
            "headteacher_status",
            serializers.ChoiceField(
                choices=HeadteacherStatus.choices, allow_null=True, initial="no"
            ),
        ),
        "eligible_for_funding": Attribute(
            "eligible_for_funding", serializers.BooleanField(initial=True)
        ),
        "funding_choice": Attribute(
            "funding_choice",
            serializers.ChoiceField(choices=FundingChoice.choices, allow_null=True),
        ),
        "course_identifier": Attribute(
            "course__identifier", serializers.CharField(initial="npq-headship")
        ),
        "status": Attribute(
            "status",
            serializers.ChoiceField(choices=ApplicationStatus.choices, initial="accepted"),
        ),
        "created_at": Attribute(
            "created_at",
            serializers.DateTimeField(initial=datetime(2021, 10, 4, 8, 15, 30, tzinfo=UTC)),
        ),
        "cohort": Attribute(
            "cohort__start_year",
            serializers.CharField(initial="2021", help_text="The year in which it starts."),
            convert=str,
        ),
        "updated_at": Attribute(
            "updated_at",
            serializers.DateTimeField(
                initial=datetime(2022, 2, 14, 9, tzinfo=UTC),
                help_text="Moves with the application and with the person's details.",
            ),
        ),
        "ineligible_for_funding_reason": Attribute(
            "ineligible_for_funding_reason",
            serializers.ChoiceField(choices=FundingIneligibility.choices, allow_null=True),
        ),
        "targeted_delivery_funding_eligibility": _yes_no(
            "targeted_delivery_funding_eligibility", True
        ),
        "teacher_catchment": _yes_no("teacher_catchment", True),
        "teacher_catchment_country": _text("teacher_catchment_country", "England"),
        "teacher_catchment_iso_country_code": _text("teacher_catchment_iso_country_code", "GB"),
        "lead_mentor": _yes_no("lead_mentor", False),
        "itt_provider": _text("itt_provider", None),
    }
