"""The endpoints of participants and applications (rules 6 and 7)."""

from collections.abc import Callable

from django.http import StreamingHttpResponse
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from npq_portal.api.listing import Listing
from npq_portal.api.views import ApiViewSet, read_id
from npq_portal.errors import BASE, ErrorCode, NotFound, Refusal
from participants import services
from participants.filters import ApplicationFilters, ParticipantFilters
from participants.identity import not_found
from participants.models import Application, ParticipantListing
from participants.records import ApplicationRecord, ParticipantRecord
from participants.serializers import (
    ChangeScheduleAttributes,
    DeferAttributes,
    ResumeAttributes,
    WithdrawAttributes,
)

NOT_PENDING = Refusal(
    BASE,
    ErrorCode.NOT_PENDING,
    "The application is accepted; only a pending one can be decided.",
)


class ParticipantViewSet(ApiViewSet):
    """A provider's participants: those with an accepted application with it."""

    listing = Listing(ParticipantRecord, ParticipantListing.objects.for_provider)
    filterset_class = ParticipantFilters
    paths_name_participants = True
    body_actions = {
        "withdraw": WithdrawAttributes,
        "defer": DeferAttributes,
        "resume": ResumeAttributes,
        "change_schedule": ChangeScheduleAttributes,
    }

    def list(self, _request: Request) -> Response:
        """List your participants.

        Those who have an accepted application with you, a withdrawn one included.
        """
        return self.list_response()

    def retrieve(self, _request: Request, pk: str) -> Response:
        """Show a participant.

        With an entry in `npq_enrolments` for each accepted application with you.
        """
        try:
            return self.one(read_id(pk))
        except NotFound:
            raise not_found(self.provider, read_id(pk)) from None

    @action(detail=True, methods=["put"])
    def withdraw(self, _request: Request, pk: str) -> Response:
        """Withdraw a participant from a course.

        Whoever is active or deferred can withdraw, as of now; no declaration is needed first.
        Answers the participant after the change.
        """
        return self._change(services.withdraw_participant, pk)

    @action(detail=True, methods=["put"])
    def defer(self, _request: Request, pk: str) -> Response:
        """Defer a participant's course.

        Whoever is active can take a break, as of now. Answers the participant after the change.
        """
        return self._change(services.defer_participant, pk)

    @action(detail=True, methods=["put"])
    def resume(self, _request: Request, pk: str) -> Response:
        """Resume a participant's course.

        Whoever is deferred can resume, as of now. Answers the participant after the change.
        """
        return self._change(services.resume_participant, pk)

    @action(detail=True, methods=["put"], url_path="change-schedule")
    def change_schedule(self, _request: Request, pk: str) -> Response:
        """Move a participant to another schedule.

        Possible unless the participant has withdrawn, and as far as the declarations there are fit
        the new schedule. Answers the participant after the change.
        """
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
        return self.one(read_id(pk))


class ApplicationViewSet(ApiViewSet):
    """The applications made to a provider."""

    listing = Listing(ApplicationRecord, Application.objects.for_provider)
    filterset_class = ApplicationFilters
    refusal_examples = {"accept": NOT_PENDING, "reject": NOT_PENDING}

    def list(self, _request: Request) -> Response:
        """List the applications made to you.

        Pending, accepted and rejected ones.
        """
        return self.list_response()

    def csv(self, _request: Request) -> StreamingHttpResponse:
        """List the applications made to you as CSV.

        All of them, without pages, in the order of the list. A cell that begins with `=`, `+`,
        `-`, `@`, a tab or a carriage return has a `'` in front.
        """
        return self.csv_response()

    def retrieve(self, _request: Request, pk: str) -> Response:
        """Show an application.

        One that was made to you, whatever its status.
        """
        return self.one(read_id(pk))

    @action(detail=True, methods=["post"])
    def accept(self, _request: Request, pk: str) -> Response:
        """Accept a pending application.

        It gets the schedule that takes applications today. The person's other pending applications
        for the course and cohort are rejected. Takes no body. Answers the application after the
        change.
        """
        return self._decide(services.accept_application, pk)

    @action(detail=True, methods=["post"])
    def reject(self, _request: Request, pk: str) -> Response:
        """Reject a pending application.

        Takes no body. Answers the application after the change.
        """
        return self._decide(services.reject_application, pk)

    def _decide(self, command: Callable[..., Application], pk: str) -> Response:
        command(
            lead_provider=self.provider,
            application_id=read_id(pk),
            by=self.actor,
            at=timezone.now(),
        )
        return self.one(read_id(pk))
