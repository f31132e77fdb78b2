"""The endpoints of declarations (rules 8)."""

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from declarations import services
from declarations.filters import DeclarationFilters
from declarations.models import Declaration
from declarations.records import DeclarationRecord
from declarations.serializers import DeclarationAttributes
from npq_portal.api.views import ApiViewSet, read_id


class DeclarationViewSet(ApiViewSet):
    """What a provider declared, and what stands on the applications it holds."""

    record = DeclarationRecord
    filterset_class = DeclarationFilters
    body_actions = {"create": DeclarationAttributes}

    def get_queryset(self) -> QuerySet[Declaration]:
        return Declaration.objects.for_provider(self.provider)

    def list(self, _request: Request) -> Response:
        """List the declarations."""
        return self.list_response(self.get_queryset())

    def csv(self, _request: Request) -> StreamingHttpResponse:
        """List them all as CSV."""
        return self.csv_response(self.get_queryset())

    def retrieve(self, _request: Request, pk: str) -> Response:
        """Show one declaration."""
        return self.one(self.get_queryset(), pk)

    def create(self, _request: Request) -> Response:
        """Declare that a participant reached a milestone; an exact copy changes nothing."""
        values, refusals = self.read_body()
        declaration = services.record_declaration(
            lead_provider=self.provider,
            submission=services.Submission(**values),
            refusals=refusals,
            by=self.actor,
            at=timezone.now(),
        )
        return self.one(self.get_queryset(), str(declaration.pk))

    @action(detail=True, methods=["put"])
    def void(self, _request: Request, pk: str) -> Response:
        """Take back a declaration made in error."""
        services.void_declaration(
            lead_provider=self.provider,
            declaration_id=read_id(pk),
            by=self.actor,
            at=timezone.now(),
        )
        return self.one(self.get_queryset(), pk)
