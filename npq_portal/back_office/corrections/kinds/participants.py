"""Corrections of who somebody is (rules 14.2)."""

from npq_portal.back_office.corrections import forms
from npq_portal.back_office.corrections.kinds.kind import Kind, as_before, by_id
from participants.models import Participant, ParticipantIdChange
from participants.services import corrections

PERMISSION = "participants.change_participant"


def _is_standing(participant: Participant) -> bool:
    return not ParticipantIdChange.objects.filter(from_participant=participant).exists()


OF_PARTICIPANTS = (
    Kind(
        slug="correct-details",
        title="Correct details",
        done="The details are corrected.",
        about=Participant,
        permission=PERMISSION,
        form=forms.DetailsForm,
        service=by_id(corrections.correct_details, "participant_id"),
        is_offered=_is_standing,
        opposite=as_before("correct-details", forms.DetailsForm),
    ),
    Kind(
        slug="merge",
        title="Merge into another record",
        done="The record is merged into the other.",
        about=Participant,
        permission=PERMISSION,
        form=forms.MergeForm,
        service=by_id(corrections.merge_participants, "from_participant_id"),
        is_offered=_is_standing,
        instead="Records that were merged stay so. What is wrong about the record that is left,"
        " or about its applications, can be corrected there.",
        other="into_participant_id",
    ),
)
