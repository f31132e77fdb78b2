"""The endpoints of declarations and statements (rules 8 and 10)."""

from django.http import StreamingHttpResponse
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from declarations import services
from declarations.filters import DeclarationFilters, StatementFilters
from declarations.models import DeclarationListing, Statement
from declarations.records import DeclarationRecord, StatementRecord
from declarations.serializers import DeclarationAttributes
from npq_portal.api.listing import Listing
from npq_portal.api.views import ApiViewSet, read_id
from npq_portal.errors import BASE, ErrorCode, Refusal


class DeclarationViewSet(ApiViewSet):
    """What a provider declared, and what stands on the applications it holds."""

    listing = Listing(DeclarationRecord, DeclarationListing.objects.for_provider)
    filterset_class = DeclarationFilters
    body_actions = {"create": DeclarationAttributes}
    refusal_examples = {
        "void": Refusal(
            BASE,
            ErrorCode.NOT_VOIDABLE,
            "The declaration is voided already and can't be voided again.",
        )
    }

    def list(self, _request: Request) -> Response:
        """List your declarations.

        Those that you submitted, and those of applications that you now hold.
        """
        return self.list_response()

    def csv(self, _request: Request) -> StreamingHttpResponse:
        """List your declarations as CSV.

        All of them, without pages, in the order of the list. A cell that begins with `=`, `+`,
        `-`, `@`, a tab or a carriage return has a `'` in front.
        """
        return self.csv_response()

    def retrieve(self, _request: Request, pk: str) -> Response:
        """Show a declaration.

        `has_passed` says what its newest outcome says.
        """
        return self.one(read_id(pk))

    def create(self, _request: Request) -> Response:
        """Declare that a participant reached a milestone.

        An exact copy of a declaration that stands changes nothing and is answered with that
        declaration. A `completed` one with `has_passed` also records an outcome.
        """
        values, refusals = self.read_body()
        declaration = services.record_declaration(
            lead_provider=self.provider,
            submission=services.Submission(**values),
            refusals=refusals,
            by=self.actor,
            at=timezone.now(),
        )
        return self.one(declaration.pk)

    @action(detail=True, methods=["put"])
    def void(self, _request: Request, pk: str) -> Response:
        """Take a declaration back.

        A paid one then awaits clawback, another is voided, and so is the outcome of a `completed`
        one. Takes no body. Answers the declaration after the change.
        """
        services.void_declaration(
            lead_provider=self.provider,
            declaration_id=read_id(pk),
            by=self.actor,
            at=timezone.now(),
        )
        return self.one(read_id(pk))


class StatementViewSet(ApiViewSet):
    """What a provider is paid, payment period by payment period."""

    listing = Listing(StatementRecord, Statement.objects.for_provider)
    filterset_class = StatementFilters

    def list(self, _request: Request) -> Response:
        """List your statements.

        Numbers and total are counted as the list is read; an open statement still grows.
        """
        return self.list_response()

    def retrieve(self, _request: Request, pk: str) -> Response:
        """Show a statement.

        Its declarations are those that bear its id as `statement_id`, its clawbacks those that
        bear it as `clawback_statement_id`.
        """
        return self.one(read_id(pk))
