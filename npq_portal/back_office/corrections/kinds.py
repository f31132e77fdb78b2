"""The corrections that there are: for what, for whom, by which service, and what undoes each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from npq_portal.back_office.corrections import forms
from npq_portal.clock import london_day
from npq_portal.history import Actor
from participants import services
from participants.choices import ApplicationStatus, TrainingStatus
from participants.models import Application, Participant, ParticipantIdChange
from participants.services import corrections

Record = Participant | Application

CHANGE_PARTICIPANT = "participants.change_participant"
CHANGE_APPLICATION = "participants.change_application"


@dataclass(frozen=True, slots=True)
class Opposite:
    """The kind of correction that would undo another, and what its form would say."""

    kind: str
    values: Mapping[str, Any]


def nothing(record: Any) -> Opposite | None:
    """Return that nothing undoes it."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of correction.

    ``service`` is called with the record, the values of the form, ``by`` and ``at``.
    ``opposite`` says from the record before it what undoes it; where nothing does, ``instead``
    tells what to do. ``other`` names the value that is the id of a second person it is about.
    """

    slug: str
    title: str
    done: str
    about: type[Record]
    permission: str
    form: type[forms.CorrectionForm]
    service: Callable[..., object]
    is_offered: Callable[[Any], bool]
    opposite: Callable[[Any], Opposite | None] = nothing
    instead: str = ""
    other: str = ""

    def run(self, record: Record, values: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
        """Call the service; raises what it raises."""
        self.service(record, **values, by=by, at=at)


def _by_id(service: Callable[..., object], name: str) -> Callable[..., object]:
    """Return ``service`` as one that takes the record instead of its id."""

    def call(record: Record, **values: Any) -> object:
        return service(**{name: record.pk}, **values)

    return call


def _of_application(service: Callable[..., object]) -> Callable[..., object]:
    return _by_id(service, "application_id")


def _decide(service: Callable[..., object]) -> Callable[..., object]:
    def call(record: Application, **values: Any) -> object:
        return service(lead_provider=record.lead_provider, application_id=record.pk, **values)

    return call


def _transfer(record: Application, *, lead_provider: Any, **values: Any) -> object:
    return corrections.transfer_application(
        application_id=record.pk, lead_provider_id=lead_provider.pk, **values
    )


def _is_in_training(application: Application) -> bool:
    return application.holds_course


def _is_active(application: Application) -> bool:
    return application.training_status == TrainingStatus.ACTIVE


def _is_deferred(application: Application) -> bool:
    return application.training_status == TrainingStatus.DEFERRED


def _is_withdrawn(application: Application) -> bool:
    return application.is_withdrawn


def _is_decided(application: Application) -> bool:
    return application.status != ApplicationStatus.PENDING


def _is_standing(participant: Participant) -> bool:
    return not ParticipantIdChange.objects.filter(from_participant=participant).exists()


def _always(record: Record) -> bool:
    return True


def _never(record: Record) -> bool:
    return False


def _as_before(slug: str, form: type[forms.CorrectionForm]) -> Callable[[Record], Opposite]:
    """Return what sets the values of ``form`` back to what they were."""
    return lambda record: Opposite(slug, form.current(record))


def _former_schedule(application: Application) -> Opposite:
    return Opposite("change-schedule", {"schedule": application.schedule_id})


def _reinstate(application: Application) -> Opposite | None:
    # Who was deferred would be active then, which is not what was.
    return Opposite("reinstate", {}) if _is_active(application) else None


def _resume(application: Application) -> Opposite:
    return Opposite("resume", {})


def _defer_again(application: Application) -> Opposite:
    return Opposite("defer", {"deferral_reason": application.deferral_reason})


def _withdraw_again(application: Application) -> Opposite | None:
    if application.withdrawn_at is None:
        return None
    values = {
        "withdrawn_on": london_day(application.withdrawn_at).isoformat(),
        "withdrawal_reason": application.withdrawal_reason,
    }
    return Opposite("withdraw", values)


def _decide_again(application: Application) -> Opposite | None:
    if application.status == ApplicationStatus.REJECTED:
        return Opposite("reject-again", {})
    return Opposite("accept-again", {}) if _is_active(application) else None


def _former_provider(application: Application) -> Opposite:
    return Opposite("transfer", {"lead_provider": str(application.lead_provider_id)})


def _former_course(application: Application) -> Opposite:
    return Opposite("change-course", {"course": application.course.identifier})


def _of(**values: Any) -> Kind:
    """Return a kind of correction of an application."""
    return Kind(about=Application, permission=CHANGE_APPLICATION, **values)


_ALL = (
    Kind(
        slug="correct-details",
        title="Correct details",
        done="The details are corrected.",
        about=Participant,
        permission=CHANGE_PARTICIPANT,
        form=forms.DetailsForm,
        service=_by_id(corrections.correct_details, "participant_id"),
        is_offered=_is_standing,
        opposite=_as_before("correct-details", forms.DetailsForm),
    ),
    Kind(
        slug="merge",
        title="Merge into another record",
        done="The record is merged into the other.",
        about=Participant,
        permission=CHANGE_PARTICIPANT,
        form=forms.MergeForm,
        service=_by_id(corrections.merge_participants, "from_participant_id"),
        is_offered=_is_standing,
        instead="Records that were merged stay so. What is wrong about the record that is left,"
        " or about its applications, can be corrected there.",
        other="into_participant_id",
    ),
    _of(
        slug="change-schedule",
        title="Change schedule",
        done="The schedule is changed.",
        form=forms.ScheduleForm,
        service=_of_application(corrections.move_enrolment),
        is_offered=_is_in_training,
        opposite=_former_schedule,
    ),
    _of(
        slug="withdraw",
        title="Withdraw",
        done="The participant is withdrawn.",
        form=forms.WithdrawalForm,
        service=_of_application(corrections.withdraw_enrolment),
        is_offered=_is_in_training,
        opposite=_reinstate,
        instead="The participant was deferred before: reinstate, then defer again.",
    ),
    _of(
        slug="defer",
        title="Defer",
        done="The participant is deferred.",
        form=forms.DeferralForm,
        service=_of_application(corrections.defer_enrolment),
        is_offered=_is_active,
        opposite=_resume,
    ),
    _of(
        slug="resume",
        title="Resume",
        done="The participant goes on.",
        form=forms.CorrectionForm,
        service=_of_application(corrections.resume_enrolment),
        is_offered=_is_deferred,
        opposite=_defer_again,
    ),
    _of(
        slug="reinstate",
        title="Reinstate",
        done="The participant is reinstated.",
        form=forms.CorrectionForm,
        service=_of_application(corrections.reinstate_enrolment),
        is_offered=_is_withdrawn,
        opposite=_withdraw_again,
    ),
    _of(
        slug="change-funding",
        title="Change funding",
        done="The funding is changed.",
        form=forms.FundingForm,
        service=_of_application(corrections.change_funding),
        is_offered=_always,
        opposite=_as_before("change-funding", forms.FundingForm),
    ),
    _of(
        slug="revert",
        title="Make pending again",
        done="The application is pending again.",
        form=forms.ReversionForm,
        service=_of_application(corrections.revert_application),
        is_offered=_is_decided,
        opposite=_decide_again,
        instead="The participant was not active before: have the application accepted again, then"
        " defer or withdraw them.",
    ),
    _of(
        slug="transfer",
        title="Transfer to another provider",
        done="The application is transferred.",
        form=forms.ProviderForm,
        service=_transfer,
        is_offered=_always,
        opposite=_former_provider,
    ),
    _of(
        slug="change-course",
        title="Change course",
        done="The course is changed.",
        form=forms.CourseForm,
        service=_of_application(corrections.change_course),
        is_offered=_always,
        opposite=_former_course,
    ),
    _of(
        slug="accept-again",
        title="Accept again",
        done="The application is accepted again.",
        form=forms.CorrectionForm,
        service=_decide(services.accept_application),
        is_offered=_never,
    ),
    _of(
        slug="reject-again",
        title="Reject again",
        done="The application is rejected again.",
        form=forms.CorrectionForm,
        service=_decide(services.reject_application),
        is_offered=_never,
    ),
)

KINDS = {kind.slug: kind for kind in _ALL}
"""Every kind by its slug, in the order in which they are offered."""


def offered(user: Any, record: Record) -> list[Kind]:
    """Return the kinds that ``user`` may ask for about ``record`` as it is now."""
    return [
        kind
        for kind in KINDS.values()
        if isinstance(record, kind.about)
        and user.has_perm(kind.permission)
        and kind.is_offered(record)
    ]


def load(kind: Kind, record_id: Any) -> Any:
    """Return the record that a kind is about, with what forms ask of it, or None."""
    records: Any = kind.about.objects
    if kind.about is Application:
        records = records.select_related(
            "participant", "lead_provider", "course__group", "cohort", "schedule__cohort"
        )
    return records.filter(pk=record_id).first()
