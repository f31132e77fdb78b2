"""Corrections of applications and of training (rules 14.3 to 14.9)."""

from typing import Any

from npq_portal.back_office.corrections import forms
from npq_portal.back_office.corrections.kinds.kind import (
    Kind,
    Opposite,
    Service,
    always,
    as_before,
    by_id,
    never,
)
from participants import services
from participants.choices import ApplicationStatus, TrainingStatus
from participants.models import Application
from participants.services import corrections

PERMISSION = "participants.change_application"


def _of_application(service: Service) -> Service:
    return by_id(service, "application_id")


def _decide(service: Service) -> Service:
    def call(record: Application, **values: Any) -> object:
        return service(lead_provider=record.lead_provider, application_id=record.pk, **values)

    return call


def _then_defer(service: Service) -> Service:
    """Return ``service`` followed by a deferral, for who was deferred before."""

    def call(record: Application, *, deferral_reason: str, **values: Any) -> object:
        service(record, **values)
        return corrections.defer_enrolment(
            application_id=record.pk, deferral_reason=deferral_reason, **values
        )

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


def _former_schedule(application: Application) -> Opposite:
    return Opposite("change-schedule", {"schedule": application.schedule_id})


def _reinstate(application: Application) -> Opposite:
    if _is_active(application):
        return Opposite("reinstate", {})
    return Opposite("reinstate-deferred", {"deferral_reason": application.deferral_reason})


def _resume(application: Application) -> Opposite:
    return Opposite("resume", {})


def _defer_again(application: Application) -> Opposite:
    return Opposite("defer", {"deferral_reason": application.deferral_reason})


def _withdraw_again(application: Application) -> Opposite | None:
    if application.withdrawn_at is None:
        return None
    values = {
        "withdrawn_at": application.withdrawn_at.isoformat(),
        "withdrawal_reason": application.withdrawal_reason,
    }
    return Opposite("withdraw-again", values)


def _decide_again(application: Application) -> Opposite | None:
    if application.status == ApplicationStatus.REJECTED:
        return Opposite("reject-again", {})
    if _is_deferred(application):
        return Opposite("accept-deferred", {"deferral_reason": application.deferral_reason})
    # Nobody withdraws from what is accepted only now.
    return Opposite("accept-again", {}) if _is_active(application) else None


def _former_provider(application: Application) -> Opposite:
    return Opposite("transfer", {"lead_provider": str(application.lead_provider_id)})


def _former_course(application: Application) -> Opposite:
    return Opposite("change-course", {"course": application.course.identifier})


def _of(**values: Any) -> Kind:
    """Return a kind of correction of an application."""
    return Kind(about=Application, permission=PERMISSION, **values)


OF_APPLICATIONS = (
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
        is_offered=always,
        opposite=as_before("change-funding", forms.FundingForm),
    ),
    _of(
        slug="revert",
        title="Make pending again",
        done="The application is pending again.",
        form=forms.ReversionForm,
        service=_of_application(corrections.revert_application),
        is_offered=_is_decided,
        opposite=_decide_again,
        instead="The participant had withdrawn before: have the application accepted again, then"
        " withdraw them.",
    ),
    _of(
        slug="transfer",
        title="Transfer to another provider",
        done="The application is transferred.",
        form=forms.ProviderForm,
        service=_transfer,
        is_offered=always,
        opposite=_former_provider,
    ),
    _of(
        slug="change-course",
        title="Change course",
        done="The course is changed.",
        form=forms.CourseForm,
        service=_of_application(corrections.change_course),
        is_offered=always,
        opposite=_former_course,
    ),
    _of(
        slug="accept-again",
        title="Accept again",
        done="The application is accepted again.",
        form=forms.CorrectionForm,
        service=_decide(services.accept_application),
        is_offered=never,
    ),
    _of(
        slug="reject-again",
        title="Reject again",
        done="The application is rejected again.",
        form=forms.CorrectionForm,
        service=_decide(services.reject_application),
        is_offered=never,
    ),
    _of(
        slug="withdraw-again",
        title="Withdraw again",
        done="The participant is withdrawn again.",
        form=forms.WithdrawalAgainForm,
        service=_of_application(corrections.withdraw_enrolment_again),
        is_offered=never,
    ),
    _of(
        slug="reinstate-deferred",
        title="Reinstate and defer",
        done="The participant is deferred again.",
        form=forms.DeferralForm,
        service=_then_defer(_of_application(corrections.reinstate_enrolment)),
        is_offered=never,
    ),
    _of(
        slug="accept-deferred",
        title="Accept again and defer",
        done="The application is accepted again, and the participant deferred.",
        form=forms.DeferralForm,
        service=_then_defer(_decide(services.accept_application)),
        is_offered=never,
    ),
)
