"""The endpoints of participants and applications (rules 6 and 7)."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from npq_portal.api.views import ApiViewSet, read_id
from participants import services
from participants.filters import ApplicationFilters, ParticipantFilters
from participants.models import Application, ParticipantListing
from participants.records import ApplicationRecord, ParticipantRecord
from participants.serializers import (
    ChangeScheduleAttributes,
    DeferAttributes,
    ResumeAttributes,
    WithdrawAttributes,
)


class ParticipantViewSet(ApiViewSet):
    """A provider's participants: those with an accepted application with it."""

    record = ParticipantRecord
    filterset_class = ParticipantFilters
    body_actions = {
        "withdraw": WithdrawAttributes,
        "defer": DeferAttributes,
        "resume": ResumeAttributes,
        "change_schedule": ChangeScheduleAttributes,
    }

    def get_queryset(self) -> QuerySet[ParticipantListing]:
        return ParticipantListing.objects.for_provider(self.provider)

    def list(self, _request: Request) -> Response:
        """List the provider's participants."""
        return self.list_response(self.get_queryset())

    def retrieve(self, _request: Request, pk: str) -> Response:
        """Show one participant."""
        return self.one(self.get_queryset(), pk)

    @action(detail=True, methods=["put"])
    def withdraw(self, _request: Request, pk: str) -> Response:
        """Record that a participant has left a course."""
        return self._change(services.withdraw_participant, pk)

    @action(detail=True, methods=["put"])
    def defer(self, _request: Request, pk: str) -> Response:
        """Record that a participant takes a break from a course."""
        return self._change(services.defer_participant, pk)

    @action(detail=True, methods=["put"])
    def resume(self, _request: Request, pk: str) -> Response:
        """Record that a participant resumes a course."""
        return self._change(services.resume_participant, pk)

    @action(detail=True, methods=["put"], url_path="change-schedule")
    def change_schedule(self, _request: Request, pk: str) -> Response:
        """Move a participant to another schedule."""
        return self._change(services.change_schedule, pk)

    def _change(self, command: Callable[..., Application], pk: str) -> Response:
        values, refusals = self.read_body()
        command(
            lead_provider=self.provider,
            participant_id=read_id(pk),
            **values,
            refusals=refusals,
            by=self.actor,
            at=timezone.now(),
        )
        return self.one(self.get_queryset(), pk)


class ApplicationViewSet(ApiViewSet):
    """The applications made to a provider."""

    record = ApplicationRecord
    filterset_class = ApplicationFilters

    def get_queryset(self) -> QuerySet[Application]:
        return Application.objects.for_provider(self.provider)

    def list(self, _request: Request) -> Response:
        """List the applications made to the provider."""
        return self.list_response(self.get_queryset())

    def csv(self, _request: Request) -> StreamingHttpResponse:
        """List them all as CSV."""
        return self.csv_response(self.get_queryset())

    def retrieve(self, _request: Request, pk: str) -> Response:
        """Show one application."""
        return self.one(self.get_queryset(), pk)

    @action(detail=True, methods=["post"])
    def accept(self, _request: Request, pk: str) -> Response:
        """Accept a pending application."""
        return self._decide(services.accept_application, pk)

    @action(detail=True, methods=["post"])
    def reject(self, _request: Request, pk: str) -> Response:
        """Reject a pending application."""
        return self._decide(services.reject_application, pk)

    def _decide(self, command: Callable[..., Application], pk: str) -> Response:
        command(
            lead_provider=self.provider,
            application_id=read_id(pk),
            by=self.actor,
            at=timezone.now(),
        )
        return self.one(self.get_queryset(), pk)
