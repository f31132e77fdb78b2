"""What drf-spectacular cannot know by itself (rules 3)."""

from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers


class Failure(serializers.Serializer[Any]):
    """An answer that is told in one sentence."""

    error = serializers.CharField()


class FaultSource(serializers.Serializer[Any]):
    """Where in the request a fault lies."""

    pointer = serializers.CharField(required=False)
    parameter = serializers.CharField(required=False)


class Fault(serializers.Serializer[Any]):
    """One thing that was wrong with a request."""

    title = serializers.CharField()
    detail = serializers.CharField()
    code = serializers.CharField()
    source = FaultSource()  # type: ignore[assignment]


class Faults(serializers.Serializer[Any]):
    """All that was wrong with a request."""

    errors = Fault(many=True)  # type: ignore[assignment]


FAILURES = dict.fromkeys((401, 404, 405, 406, 500, 503), Failure)
LISTS = ("list", "csv")
PAGES = ("page[page]", "page[per_page]", "page[after]")


@cache
def body_of(shape: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Return the description of a body whose attributes have ``shape`` (rules 3.3)."""
    name = shape.__name__.removesuffix("Attributes")
    fields = {"type": serializers.CharField(required=False), "attributes": shape()}
    data = type(f"{name}Data", (serializers.Serializer,), fields)
    return type(f"{name}Request", (serializers.Serializer,), {"data": data()})


class ApiSchema(AutoSchema):
    """Describe a view of records by its record, its filters and the shapes of its bodies."""

    view: Any  # an ApiViewSet; naming it would import in a circle

    def get_operation_id(self) -> str:
        return f"{type(self.view).__name__.removesuffix('ViewSet')}_{self.view.action}"

    def get_request_serializer(self) -> Any:
        shape = self.view.body_actions.get(self.view.action)
        return None if shape is None else body_of(shape)

    def get_response_serializers(self) -> Any:
        record, action = self.view.record, self.view.action
        faults = {400: Faults, 422: Faults} if self.method != "GET" else {400: Faults}
        answers: dict[Any, Any] = {**FAILURES, **faults}
        if self.view.body_actions.get(action):
            answers |= {413: Failure, 415: Failure}
        if action == "csv":
            return {(200, "text/csv"): OpenApiTypes.STR, **answers}
        document = record.list_serializer_class if action == "list" else record.serializer_class
        return {200: document(), **answers}

    def get_override_parameters(self) -> list[Any]:
        if self.view.action not in LISTS:
            return []
        pages = PAGES if self.view.action == "list" else ()
        filters = [f"filter[{name}]" for name in self.view.filterset_class.base_filters]
        return [OpenApiParameter(name, str) for name in (*filters, *pages)]

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        schema = {"type": "string", "format": "uuid"}
        return [
            {"in": "path", "name": name, "schema": schema, "required": True} for name in variables
        ]


def drop_optional_slash(endpoints: list[tuple[Any, ...]], **_: Any) -> list[tuple[Any, ...]]:
    """Describe each path once, without its slash; a PREPROCESSING_HOOK."""
    return [(path.removesuffix("?").rstrip("/"), *rest) for path, *rest in endpoints]


class BearerScheme(OpenApiAuthenticationExtension):
    """Describe the tokens."""

    target_class = "npq_portal.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
