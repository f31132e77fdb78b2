"""What the endpoints build on (rules 3)."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from npq_portal.api.chunked_bodies import MAX_BYTES
from npq_portal.api.csv_export import csv_response
from npq_portal.api.exceptions import READ_ONLY, BadParameter, BadParameters, TooLarge
from npq_portal.api.filters import BracketFilterSet, filters_in
from npq_portal.api.inputs import read_attributes
from npq_portal.api.listing import Listing, ListingOfProvider, Selection
from npq_portal.api.pagination import KeysetPagination
from npq_portal.api.parsers import attributes_of
from npq_portal.api.records import Record, Row
from npq_portal.errors import NotFound, Refusal, Refusals
from npq_portal.history import Actor
from npq_portal.identifiers import parse_id
from npq_portal.providers.models import ApiToken, LeadProvider


def read_id(text: str) -> UUID:
    """Read an id of a path in either case; raise NotFound when it is none (rules 3.9)."""
    identifier = parse_id(text)
    if identifier is None:
        raise NotFound
    return identifier


class ApiViewSet(GenericViewSet[Any]):
    """A view of one kind of record, for the provider whose token is given."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    lookup_value_regex = "[^/]+"  # whatever an id looks like, it is one (rules 3.8)
    listing: Listing
    filterset_class: type[BracketFilterSet] = BracketFilterSet
    body_actions: ClassVar[dict[str, type[Serializer[Any]]]] = {}
    """Actions that read a body, and its shape; what others are sent is ignored (rules 3.3)."""
    refusal_examples: ClassVar[dict[str, Refusal]] = {}
    """For the description: what each action that changes something without a body may refuse."""
    paths_name_participants: ClassVar[bool] = False
    """For the description: whether an id in the path may be of a participant merged away."""
    csv_actions: ClassVar[frozenset[str]] = frozenset({"csv"})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # 406, then 401; 405 and 403 follow
        if self.action in {None, "metadata"}:
            self.headers["Allow"] = ", ".join(self.allowed_methods)
            raise MethodNotAllowed(str(request.method))
        if self.token.read_only and request.method not in SAFE_METHODS:
            raise PermissionDenied(READ_ONLY)
        if self.action in self.body_actions:
            length = str(request.META.get("CONTENT_LENGTH") or "0")
            if length.isascii() and length.isdigit() and float(length) > MAX_BYTES:
                raise TooLarge

    @property
    def default_response_headers(self) -> dict[str, str]:
        """What every answer has; ``Allow`` only that to a method which is not (rules 3.9)."""
        return {"Vary": "Accept"}

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        # A path of CSV heeds no header, whatever the method (rules 3.4).
        if not self.csv_actions.isdisjoint(self.action_map.values()):
            renderer = self.get_renderers()[0]
            return renderer, str(renderer.media_type)
        return super().perform_content_negotiation(request, force)

    @property
    def record(self) -> type[Record]:
        """The kind of record that is answered."""
        return self.listing.record

    def get_queryset(self) -> QuerySet[Any, Any]:
        """Return the rows of all records that the provider sees."""
        return self.listing.visible(self.provider)

    @property
    def token(self) -> ApiToken:
        """The token of the request."""
        token = self.request.auth
        assert isinstance(token, ApiToken)  # noqa: S101 - HasToken saw to it
        return token

    @property
    def provider(self) -> LeadProvider:
        """The provider who asks."""
        return self.token.lead_provider

    @property
    def actor(self) -> Actor:
        """Who acts, for histories (rules 1.4)."""
        return Actor(token_id=self.token.pk)

    def read_body(self) -> tuple[dict[str, Any], Refusals]:
        """Return the values of the body's attributes and what was wrong with them."""
        return read_attributes(self.body_actions[self.action], attributes_of(self.request))

    def list_response(self, queryset: QuerySet[Any, Any] | None = None) -> Response:
        """Answer a page of the listing, or of a ``queryset`` that is given instead of it.

        Whatever is wrong with the query is told at once.
        """
        paginator = KeysetPagination()
        faults = paginator.faults(self.request.query_params)
        page = paginator.page(self._selection(queryset, faults), self.request)
        return paginator.get_paginated_response(self._written(page))

    def _selection(
        self, queryset: QuerySet[Any, Any] | None, faults: list[BadParameter]
    ) -> Selection | ListingOfProvider:
        if queryset is None and not faults and not filters_in(self.request.query_params):
            return self.listing.of(self.provider)
        rows = self.get_queryset() if queryset is None else queryset
        return Selection(self.record, self._filtered(rows, faults))

    def csv_response(self) -> StreamingHttpResponse:
        """Answer the whole list as CSV."""
        return csv_response(self.record, self._filtered(self.get_queryset(), []))

    def _filtered(self, rows: QuerySet[Any, Any], faults: list[BadParameter]) -> QuerySet[Any, Any]:
        filters = self.filterset_class(self.request.query_params, queryset=rows)
        if errors := [*filters.faults(), *faults]:
            raise BadParameters(errors)
        found: QuerySet[Any, Any] = filters.qs
        return found

    def one(self, identifier: UUID) -> Response:
        """Answer one record; raise NotFound when the provider sees none of that id."""
        row = self.listing.one(self.provider, identifier)
        if row is None:
            raise NotFound
        return Response({"data": self._written([row])[0]})

    def _written(self, rows: list[Row]) -> list[dict[str, Any]]:
        return self.record.write(rows, lead_provider_id=self.provider.pk)
