"""The endpoints of outcomes (rules 9)."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from npq_portal.api.filters import BracketFilterSet
from npq_portal.api.listing import Listing
from npq_portal.api.views import ApiViewSet, read_id
from npq_portal.identifiers import parse_id
from outcomes.filters import OutcomeFilters
from outcomes.models import OutcomeListing
from outcomes.records import OutcomeRecord
from outcomes.serializers import OutcomeAttributes
from outcomes.services import record_outcome
from participants.identity import not_found
from participants.models import ParticipantListing


class OutcomeViewSet(ApiViewSet):
    """The outcomes of the declarations that a provider sees."""

    listing = Listing(OutcomeRecord, OutcomeListing.objects.for_provider)
    filterset_class: type[BracketFilterSet] = OutcomeFilters

    def list(self, _request: Request, **_path: Any) -> Response:
        """List the outcomes of all your participants.

        The whole history: of the rows of a declaration, the newest counts.
        """
        return self.list_response()


class ParticipantOutcomeViewSet(OutcomeViewSet):
    """The outcomes of one participant."""

    filterset_class = BracketFilterSet
    paths_name_participants = True
    body_actions = {"create": OutcomeAttributes}

    def get_queryset(self) -> QuerySet[OutcomeListing]:
        participant_id = parse_id(self.kwargs["participant_id"])
        listings = super().get_queryset()
        return listings.filter(outcome__declaration__application__participant=participant_id)

    def list(self, _request: Request, **_path: Any) -> Response:
        """List the outcomes of one participant.

        The whole history: of the rows of a declaration, the newest counts.
        """
        answer = self.list_response(self.get_queryset())
        # Only now: a wrong parameter is told before an unknown participant (rules 3.8).
        participant_id = read_id(self.kwargs["participant_id"])
        listings = ParticipantListing.objects.for_provider(self.provider)
        is_own = listings.filter(participant=participant_id).exists()
        # Of whom it had once, a provider goes on reading what it submitted (rules 4.2).
        if not is_own and not self.get_queryset().exists():
            raise not_found(self.provider, participant_id)
        return answer

    def create(self, _request: Request, participant_id: str) -> Response:
        """Record how a participant's course ended.

        It goes to the `completed` declaration of the course. What its newest outcome says already
        is not written again and is answered with that outcome.
        """
        values, refusals = self.read_body()
        outcome = record_outcome(
            lead_provider=self.provider,
            participant_id=read_id(participant_id),
            **values,
            refusals=refusals,
            by=self.actor,
            at=timezone.now(),
        )
        return self.one(outcome.pk)
