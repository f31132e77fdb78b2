"""How participants and applications are answered (rules 5.1 and 5.4)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, QuerySet, When
from django.db.models.functions import Cast
from rest_framework import serializers

from npq_portal.api.records import Attribute, Record, Row
from npq_portal.expressions import AnyOf, Spelt
from npq_portal.prepared import Prepared
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
from participants.models import Application, ParticipantIdChange

Spelling = UUID | str
"""An id as ``Spelt`` has it."""

EXAMPLE_PERSON = UUID("a2b1c3d4-7e6f-4a5b-8c9d-0e1f2a3b4c5d")
ID_CHANGE = ("from_participant_id", "to_participant_id", "changed_at")
ENROLMENT_COLUMNS = (
    Spelt("participant_id"),
    "course__identifier",
    "schedule__identifier",
    Cast("cohort__start_year", CharField()),
    Spelt("id"),
    "eligible_for_funding",
    "training_status",
    "school_urn",
    "targeted_delivery_funding_eligibility",
    "withdrawal_reason",
    "withdrawn_at",
    "deferral_reason",
    "deferred_at",
    "created_at",
)


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
        "participant_id": Attribute(None, serializers.UUIDField(initial=EXAMPLE_PERSON)),
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
            Case(
                When(
                    participant__teacher_reference_number_validated=True,
                    then="participant__teacher_reference_number",
                )
            ),
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

    extras = ("participant__has_former_ids",)

    @classmethod
    def write(cls, rows: Sequence[Row], *, lead_provider_id: UUID) -> list[dict[str, Any]]:
        """Return participants with enrolments and, where they have any, former ids.

        Each is a query for all of them.
        """
        if not rows:
            return []
        enrolments = _enrolments(lead_provider_id, {row[0]: row[2] for row in rows})
        changes = _id_changes([row[0] for row in rows if row[5]])
        return [cls._write(row, enrolments[row[0]], changes.get(row[0], [])) for row in rows]

    @classmethod
    def _write(
        cls, row: Row, enrolments: list[dict[str, Any]], changes: list[dict[str, Any]]
    ) -> dict[str, Any]:
        identifier, full_name, email, teacher_reference_number, updated_at, _, _ = row
        attributes = {
            "participant_id": identifier,
            "full_name": full_name,
            "email": email,
            "npq_courses": list(dict.fromkeys([it["course_identifier"] for it in enrolments])),
            "teacher_reference_number": teacher_reference_number,
            "updated_at": updated_at,
            "npq_enrolments": enrolments,
            "participant_id_changes": changes,
        }
        return {"id": identifier, "type": cls.type, "attributes": attributes}


@Prepared
def _enrolled(
    lead_provider_id: UUID, participant_ids: list[Spelling]
) -> QuerySet[Application, Any]:
    own = Application.objects.for_provider(LeadProvider(pk=lead_provider_id)).accepted()
    of_page = own.filter(AnyOf("participant_id", participant_ids))
    return of_page.order_by("created_at", "id").values_list(*ENROLMENT_COLUMNS)


def _enrolments(
    lead_provider_id: UUID, emails: dict[Spelling, str]
) -> dict[Spelling, list[dict[str, Any]]]:
    """Return the accepted applications with a provider as the enrolments that are answered.

    Those of the participants whose ids and e-mail addresses ``emails`` holds.
    """
    by_participant: dict[Spelling, list[dict[str, Any]]] = {it: [] for it in emails}
    for (
        participant_id,
        course,
        schedule,
        cohort,
        identifier,
        is_eligible,
        training_status,
        school_urn,
        has_targeted_funding,
        withdrawal_reason,
        withdrawn_at,
        deferral_reason,
        deferred_at,
        created_at,
    ) in _enrolled.rows(lead_provider_id, list(emails)):
        by_participant[participant_id].append(
            {
                "email": emails[participant_id],
                "course_identifier": course,
                "schedule_identifier": schedule,
                "cohort": cohort,
                "npq_application_id": identifier,
                "eligible_for_funding": is_eligible,
                "training_status": training_status,
                "school_urn": school_urn,
                "targeted_delivery_funding_eligibility": has_targeted_funding,
                "withdrawal": _interruption(withdrawal_reason, withdrawn_at),
                "deferral": _interruption(deferral_reason, deferred_at),
                "created_at": created_at,
            }
        )
    return by_participant


def _interruption(reason: str | None, date: datetime | None) -> dict[str, Any] | None:
    return None if reason is None else {"reason": reason, "date": date}


@Prepared
def _changed(survivors: list[Spelling]) -> QuerySet[ParticipantIdChange, Any]:
    changes = ParticipantIdChange.objects.filter(AnyOf("survivor_id", survivors)).order_by(
        "at", "id"
    )
    return changes.values_list(
        Spelt("survivor_id"), Spelt("from_participant_id"), Spelt("to_participant_id"), "at"
    )


def _id_changes(participant_ids: list[Spelling]) -> dict[Spelling, list[dict[str, Any]]]:
    by_survivor: dict[Spelling, list[dict[str, Any]]] = defaultdict(list)
    if not participant_ids:
        return by_survivor
    for survivor, *change in _changed.rows(participant_ids):
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
            Cast("cohort__start_year", CharField()),
            serializers.CharField(initial="2021", help_text="The year in which it starts."),
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
