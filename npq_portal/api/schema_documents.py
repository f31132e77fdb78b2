"""The bodies of requests and answers: their shapes, and examples composed from their fields."""

import csv
from collections.abc import Iterable
from functools import cache
from io import StringIO
from typing import Any
from uuid import UUID

import orjson
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import UnsupportedMediaType

from npq_portal.api import authentication, exceptions, negotiation, rate_limit
from npq_portal.api.csv_export import cell
from npq_portal.api.inputs import read_attributes
from npq_portal.api.records import Record
from npq_portal.api.renderers import JsonApiRenderer
from npq_portal.errors import MergedAway, Refusal

Shape = type[serializers.Serializer[Any]]


class Failure(serializers.Serializer[Any]):
    """An answer that is told in one sentence."""

    error = serializers.CharField(help_text="A plain sentence.")


class FaultSource(serializers.Serializer[Any]):
    """Where in the request a fault lies: a place in the body, or a query parameter."""

    pointer = serializers.CharField(required=False, help_text="A JSON pointer into the body.")
    parameter = serializers.CharField(required=False, help_text="As `filter[cohort]`.")


class Fault(serializers.Serializer[Any]):
    """One thing that was wrong with a request."""

    title = serializers.CharField(help_text="The attribute or the parameter, or `base`.")
    detail = serializers.CharField(help_text="What was wrong, and what would be right.")
    code = serializers.CharField(help_text="A word that does not change, for programs.")
    source = FaultSource()  # type: ignore[assignment]


class Faults(serializers.Serializer[Any]):
    """All that was wrong with a request, told at once."""

    errors = Fault(many=True)  # type: ignore[assignment]


def example_of(field: Any) -> Any:
    """Return an example composed from the ``initial`` of each field.

    An object that may be null is what its own ``initial`` says, null by default.
    """
    if isinstance(field, serializers.ListSerializer):
        return [example_of(field.child)]
    if isinstance(field, serializers.Serializer) and not field.allow_null:
        return {name: example_of(each) for name, each in field.fields.items()}
    return field.initial


@cache  # the description names each class once
def body_of(attributes: Shape) -> Shape:
    """Return the shape of a body that carries ``attributes`` (rules 3.3)."""
    name = attributes.__name__.removesuffix("Attributes")
    kind = serializers.CharField(
        required=False, allow_blank=True, help_text="May be left out; it is not checked."
    )
    data = type(
        f"{name}Data", (serializers.Serializer,), {"type": kind, "attributes": attributes()}
    )
    return type(name, (serializers.Serializer,), {"data": data()})


def body_example(attributes: Shape) -> OpenApiExample:
    """Return an example of a body that carries ``attributes``."""
    return _example({"data": {"attributes": example_of(attributes())}})


def one_record(record: type[Record]) -> OpenApiResponse:
    """Describe the answer with one record (rules 3.4)."""
    document = record.serializer_class()
    return _response(document, "The record.", example_of(document()))


def list_of_records(record: type[Record]) -> OpenApiResponse:
    """Describe an entry of a list; the paginator describes the list around it (rules 3.6)."""
    entry = record.data_serializer_class()
    return _response(entry, "A page of the list, oldest first.", example_of(entry()))


def csv_of_records(record: type[Record]) -> OpenApiResponse:
    """Describe a list as CSV (rules 3.13)."""
    entry = example_of(record.data_serializer_class()())
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", *entry["attributes"]])
    writer.writerow([cell(value) for value in (entry["id"], *entry["attributes"].values())])
    return _response(OpenApiTypes.STR, "The whole list, a header line first.", text.getvalue())


def faults(error: Exception, description: str) -> OpenApiResponse:
    """Describe the answer to what ``error`` is an example of (rules 3.10)."""
    answer = exceptions.answer_errors(error)
    assert answer is not None  # noqa: S101 - only errors that are told as a list come here
    return _response(Faults, description, answer.data)


def refusals_of(attributes: Shape) -> Iterable[Refusal]:
    """Return what is refused when none of ``attributes`` is given."""
    return read_attributes(attributes, {})[1]


def _response(shape: Any, description: str, example: Any) -> OpenApiResponse:
    return OpenApiResponse(shape, description, [_example(example)])


def _example(value: Any) -> OpenApiExample:
    # Written as answers are: instants, days and ids as texts.
    return OpenApiExample("Example", orjson.loads(JsonApiRenderer().render(value)))


def _failure(description: str, sentence: str) -> OpenApiResponse:
    return _response(Failure, description, {"error": sentence})


FAILURES = {
    401: _failure("The token is missing or not usable.", authentication.REFUSAL),
    403: _failure("The token may only read.", exceptions.READ_ONLY),
    404: _failure("There is no such record, or none that you may see.", exceptions.NOT_FOUND),
    406: _failure("`Accept` allows no type that the API answers.", negotiation.REFUSAL),
    410: _failure(
        "The participant has another id now, as the record was merged into another.",
        str(MergedAway(UUID("d4f7c2b1-9a3e-4c6d-8b5f-1e2a3c4d5b6e"))),
    ),
    413: _failure("The body is too large.", exceptions.TooLarge.default_detail),
    415: _failure("The body is not sent as JSON.", str(UnsupportedMediaType("text/csv").detail)),
    429: _failure(
        "There were too many requests.",
        rate_limit.TOO_MANY.format(limit="1,000", seconds=277),
    ),
    500: _failure("The service failed.", exceptions.FAILED),
    503: _failure("The service is busy; the request can be repeated.", exceptions.BUSY),
}
