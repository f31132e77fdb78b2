"""The description of the API in OpenAPI: what drf-spectacular cannot know by itself (rules 3)."""

import re
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
)

from npq_portal.api import schema_documents as documents
from npq_portal.api.exceptions import RETRY_AFTER, BadBody
from npq_portal.api.negotiation import JSON_API
from npq_portal.api.pagination import EXAMPLE_PLACE, place_key
from npq_portal.api.parsers import NO_JSON
from npq_portal.errors import Refusal, Refused

CSV = "text/csv"
EXAMPLE_NEXT = (
    "<https://npq.example.org/api/v1/participants/npq"
    f'?page%5Bafter%5D={place_key(EXAMPLE_PLACE)}>; rel="next"'
)


def header(
    name: str, description: str, example: str, *, statuses: list[int] | bool, required: bool = True
) -> OpenApiParameter:
    """Describe a header of the answers with ``statuses``; True is all of them."""
    return OpenApiParameter(
        name,
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        required=required,
        description=description,
        examples=[OpenApiExample("Example", example)],
        response=statuses,
    )


HEADERS = [
    header(
        "X-Request-ID",
        "The id of the request; quote it when you ask about it.",
        "0b8f2f6e-4c0d-4f5b-9d1a-2f7c6e3a9b54",
        statuses=True,
    ),
    header("WWW-Authenticate", "How to authenticate.", "Bearer", statuses=[401]),
    header("Retry-After", "Seconds to wait before a repeat.", RETRY_AFTER, statuses=[429, 503]),
    header(
        "RateLimit-Policy",
        "The limit that holds: how many requests (`q`) in how many seconds (`w`). Left out where "
        "there is none.",
        '"token";q=1000;w=300',
        statuses=True,
        required=False,
    ),
    header(
        "RateLimit",
        "What is left of the limit: requests (`r`), and seconds until it is whole again (`t`).",
        '"token";r=980;t=277',
        statuses=True,
        required=False,
    ),
]
LINK = header(
    "Link",
    'The next page as `rel="next"`, while there is more (RFC 8288). Following it shows every row '
    "that is there throughout exactly once.",
    EXAMPLE_NEXT,
    statuses=[200],
    required=False,
)


class ApiSchema(AutoSchema):
    """Describe a view of records by its record, its filters and the shapes of its bodies."""

    view: Any  # an ApiViewSet; naming it would import in a circle

    def get_operation_id(self) -> str:
        return f"{self.view.basename}_{self.view.action}"

    def get_tags(self) -> list[str]:
        return [f"{self.view.record.name()}s"]

    def get_summary(self) -> str:
        return super().get_description().partition("\n")[0].removesuffix(".")

    def get_description(self) -> str:  # type: ignore[override]  # as in drf-spectacular itself
        return super().get_description().partition("\n")[2].strip()

    def get_paginated_name(self, serializer_name: str) -> str:
        return f"{serializer_name.removesuffix('Data')}List"

    def get_request_serializer(self) -> Any:
        attributes = self.view.body_actions.get(self.view.action)
        if attributes is None:
            return None
        request = OpenApiRequest(
            documents.body_of(attributes), examples=[documents.body_example(attributes)]
        )
        return dict.fromkeys(self.map_parsers(), request)

    def get_response_serializers(self) -> Any:
        answers = dict(sorted((self._success() | self._faults() | self._failures()).items()))
        if not self._is_csv():
            return answers
        return {(code, CSV if code == 200 else JSON_API): each for code, each in answers.items()}

    def get_override_parameters(self) -> list[Any]:
        headers = [*HEADERS, LINK] if self.view.action == "list" else HEADERS
        return [*self._ids(), *self._filters(), *headers]

    def _is_csv(self) -> bool:
        return self.view.action in self.view.csv_actions

    def _has_filters(self) -> bool:
        return self.view.action == "list" or self._is_csv()

    def _path_variables(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    def _ids(self) -> list[OpenApiParameter]:
        return [
            OpenApiParameter(
                name,
                OpenApiTypes.UUID,
                OpenApiParameter.PATH,
                description="A UUID, in upper or lower case.",
                examples=[OpenApiExample("Example", str(self.view.record.example_id))],
            )
            for name in self._path_variables()
        ]

    def _filters(self) -> list[OpenApiParameter]:
        if not self._has_filters():
            return []
        filters = self.view.filterset_class.base_filters
        return [each.parameter(name) for name, each in filters.items()]

    def _success(self) -> dict[int, OpenApiResponse]:
        if self._is_csv():
            return {200: documents.csv_of_records(self.view.record)}
        describe = documents.list_of_records if self.view.action == "list" else documents.one_record
        return {200: describe(self.view.record)}

    def _faults(self) -> dict[int, OpenApiResponse]:
        """Return the refusals that are told as a list (rules 3.10)."""
        action, found = self.view.action, {}
        attributes = self.view.body_actions.get(action)
        if self._has_filters():
            unknown = self.view.filterset_class.unknown_filter("filter[colour]")
            found[400] = documents.faults(unknown, "A query parameter is unknown or malformed.")
        if attributes is not None:
            wrong = "The body is not JSON of the form that is described."
            found[400] = documents.faults(BadBody(NO_JSON), wrong)
        if self.method != "GET":
            refusals = documents.refusals_of(attributes) if attributes else self._refusals()
            found[422] = documents.faults(Refused(*refusals), "Refused; nothing has changed.")
        return found

    def _refusals(self) -> list[Refusal]:
        return [self.view.refusal_examples[self.view.action]]

    def _failures(self) -> dict[int, OpenApiResponse]:
        """Return the refusals and failures that are told in one sentence (rules 3.4)."""
        statuses = {401, 429, 500, 503}
        if self.method != "GET":
            statuses |= {403}
        if self._path_variables():
            statuses |= {404}
            if self.view.paths_name_participants:
                statuses |= {410}
        if not self._is_csv():
            statuses |= {406}
        if self.view.action in self.view.body_actions:
            statuses |= {413, 415}
        return {status: documents.FAILURES[status] for status in statuses}


def drop_optional_slash(endpoints: list[tuple[Any, ...]], **_: Any) -> list[tuple[Any, ...]]:
    """Describe each path once, without its slash; a PREPROCESSING_HOOK."""
    return [(path.removesuffix("?").rstrip("/"), *rest) for path, *rest in endpoints]


def share_failures(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Describe once the failures that operations share; a POSTPROCESSING_HOOK."""
    shared = result["components"].setdefault("responses", {})
    for operations in result["paths"].values():
        for operation in operations.values():
            _share(operation["responses"], shared)
    return result


def _share(answers: dict[str, Any], shared: dict[str, Any]) -> None:
    """Move failures from ``answers`` to ``shared``; what differs from a shared one stays."""
    for status in sorted(answers.keys() & set(map(str, documents.FAILURES))):
        name = f"Failure{status}"
        if shared.setdefault(name, answers[status]) == answers[status]:
            answers[status] = {"$ref": f"#/components/responses/{name}"}


class BearerScheme(OpenApiAuthenticationExtension):
    """Describe the tokens."""

    target_class = "npq_portal.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token of a lead provider."}
