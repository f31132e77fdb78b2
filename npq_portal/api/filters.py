"""Filters in brackets, read strictly (rules 3.7)."""

from collections.abc import Iterable
from typing import Any, ClassVar
from urllib.parse import unquote
from uuid import UUID

import django_filters  # type: ignore[import-untyped]
from django import forms
from django.http import QueryDict
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from npq_portal.api.exceptions import BadParameter, repeated
from npq_portal.clock import parse_instant
from npq_portal.errors import ErrorCode
from npq_portal.identifiers import parse_id

MOST_IDS = 100


class InstantFormField(forms.Field):
    """An instant; encoding applied twice is undone and a space is the ``+`` it was."""

    def to_python(self, value: Any) -> Any:
        instant = parse_instant(unquote(value or "").replace(" ", "+"))
        if instant is None:
            raise forms.ValidationError("Give an instant, such as 2021-11-01T09:00:00Z.")
        return instant


class YearsFormField(forms.Field):
    """Four-digit years, comma-separated."""

    def to_python(self, value: Any) -> list[int]:
        years = (value or "").split(",")
        if not all(len(year) == 4 and year.isascii() and year.isdigit() for year in years):
            raise forms.ValidationError("Give years of four digits, such as 2021,2022.")
        return [int(year) for year in years]


class IdentifiersFormField(forms.Field):
    """UUIDs, comma-separated."""

    def to_python(self, value: Any) -> list[UUID]:
        found = [parse_id(text) for text in (value or "").split(",")]
        identifiers = [it for it in found if it is not None]
        if len(found) > MOST_IDS or len(identifiers) < len(found):
            raise forms.ValidationError(f"Give 1 to {MOST_IDS} UUIDs with commas between.")
        return identifiers


class DescribedFilter(django_filters.Filter):
    """A filter with a description: what it keeps, and how its value is written."""

    sentence: ClassVar[str]
    schema: ClassVar[dict[str, Any]]
    example: ClassVar[Any]

    def parameter(self, name: str) -> OpenApiParameter:
        """Return the description of the filter where a list calls it ``name``."""
        is_list = self.schema["type"] == "array"
        return OpenApiParameter(
            f"filter[{name}]",
            self.schema,
            description=self.sentence.format(field=str(self.field_name).rpartition("__")[2]),
            style="form" if is_list else None,
            explode=False if is_list else None,  # one parameter with commas, not several
            examples=[OpenApiExample("Example", self.example)],
        )


class InstantFilter(DescribedFilter):
    """Rows at an instant or later; give ``field_name``."""

    field_class = InstantFormField
    sentence = "Only rows whose `{field}` is this instant or later."
    schema = {"type": "string", "format": "date-time"}
    example = "2022-01-25T10:30:00Z"

    def __init__(self, field_name: str, **kwargs: Any) -> None:
        super().__init__(field_name, "gte", **kwargs)


class YearsFilter(DescribedFilter):
    """Rows of any of the years; give ``field_name`` or ``method``."""

    field_class = YearsFormField
    sentence = (
        "Only rows of the cohorts that start in these years, comma-separated; "
        "a year that is no cohort matches nothing."
    )
    schema = {
        "type": "array",
        "items": {"type": "string", "pattern": "^[0-9]{4}$"},
        "minItems": 1,
    }
    example = ["2021", "2022"]

    def __init__(self, field_name: str | None = None, **kwargs: Any) -> None:
        super().__init__(field_name, "in", **kwargs)


class IdentifiersFilter(DescribedFilter):
    """Rows of any of the ids; give ``field_name`` or ``method``."""

    field_class = IdentifiersFormField
    sentence = f"Only rows with one of these ids, at most {MOST_IDS}, comma-separated."
    schema = {
        "type": "array",
        "items": {"type": "string", "format": "uuid"},
        "minItems": 1,
        "maxItems": MOST_IDS,
    }
    example = ["a2b1c3d4-7e6f-4a5b-8c9d-0e1f2a3b4c5d"]

    def __init__(self, field_name: str | None = None, **kwargs: Any) -> None:
        super().__init__(field_name, "in", **kwargs)


def filters_in(parameters: Iterable[str]) -> list[str]:
    """Return those of the query's ``parameters`` that mean to be filters, known or not."""
    return [name for name in parameters if name == "filter" or name.startswith("filter[")]


class BracketFilterSet(django_filters.FilterSet):
    """Filters written ``filter[name]``; whatever is wrong with them is told at once."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        query = data if data is not None else QueryDict()
        names = {it: it.removeprefix("filter[").removesuffix("]") for it in filters_in(query)}
        known = {
            parameter: name
            for parameter, name in names.items()
            if name in self.base_filters and parameter == f"filter[{name}]"
        }
        self.unknown = [parameter for parameter in names if parameter not in known]
        self.repeated = [it for it in (repeated(query, parameter) for parameter in known) if it]
        self.given = {name: query[parameter] for parameter, name in known.items()}
        super().__init__(self.given, *args, **kwargs)
        for name in set(self.filters) - set(self.given):
            del self.filters[name]

    @classmethod
    def unknown_filter(cls, parameter: str) -> BadParameter:
        """Return what is wrong with a ``parameter`` that is no filter of the list."""
        known = ", ".join(f"filter[{name}]" for name in cls.base_filters) or "no filter"
        return BadParameter(parameter, ErrorCode.UNKNOWN_PARAMETER, f"This list has {known}.")

    def faults(self) -> list[BadParameter]:
        """Return what is wrong with the filters of the request."""
        unknown = [self.unknown_filter(name) for name in self.unknown]
        told = {it.parameter for it in self.repeated}
        malformed = [
            BadParameter(f"filter[{name}]", ErrorCode.INVALID, str(faults[0]))
            for name, faults in self.form.errors.items()
            if f"filter[{name}]" not in told
        ]
        return unknown + self.repeated + malformed
