"""Reading the attributes of a request body, with every fault noted at once (rules 3.10, 8.1)."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from npq_portal.clock import parse_day, parse_instant
from npq_portal.errors import ErrorCode, Refusals
from npq_portal.identifiers import parse_id

LONGEST_TEXT = 200
"""Longer than any identifier or reason there is."""


@extend_schema_field({"type": "string", "maxLength": LONGEST_TEXT})
class TextField(serializers.CharField):
    """A text such as an identifier or a reason; numbers and lists are no texts."""

    default_error_messages = {"invalid": "It must be a text of 1 to 200 characters."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or not 0 < len(data) <= LONGEST_TEXT or not _is_clean(data):
            self.fail("invalid")
        return data

    def run_validation(self, data: Any = empty) -> Any:
        # CharField trims and calls an empty text blank; here a text is taken as it was sent.
        return serializers.Field.run_validation(self, data)


class WordField(TextField):
    """A text that the description limits to ``choices``; services refuse others themselves."""

    def __init__(self, choices: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        # Blank only in the description: that an empty text is none of them needs no more words.
        known = ", ".join(value for value, _label in choices)
        told: dict[str, Any] = {"invalid": f"It must be one of {known}."}
        super().__init__(allow_blank=True, error_messages=told, **kwargs)
        set_override(self, "field", serializers.ChoiceField(choices=choices))


class IdentifierField(serializers.UUIDField):
    """A UUID written as a text, in either case."""

    default_error_messages = {"invalid": "It must be a UUID."}

    def to_internal_value(self, data: Any) -> UUID:
        identifier = parse_id(data)
        if identifier is None:
            self.fail("invalid")
        return identifier


class InstantField(serializers.DateTimeField):
    """An RFC 3339 instant with time and offset, read in UTC and cut to whole seconds."""

    default_error_messages = {
        "invalid": "It must be a date and time with an offset, such as 2021-11-01T09:00:00Z."
    }

    def to_internal_value(self, value: Any) -> datetime:
        instant = parse_instant(value)
        if instant is None:
            self.fail("invalid")
        return instant


class DayField(serializers.DateField):
    """A calendar day."""

    default_error_messages = {"invalid": "It must be a day, such as 2022-06-30."}

    def to_internal_value(self, value: Any) -> date:
        day = parse_day(value)
        if day is None:
            self.fail("invalid")
        return day


class YesNoField(serializers.BooleanField):
    """True or false, also as the texts "true" and "false"; nothing else (rules 8.6)."""

    default_error_messages = {"invalid": "It must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if isinstance(data, bool):
            return data
        if data not in ("true", "false"):
            self.fail("invalid")
        return bool(data == "true")


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "pattern": "^[0-9]{4}$"},
            {"type": "integer", "minimum": 1000, "maximum": 9999},
        ]
    }
)
class StartYearField(serializers.IntegerField):
    """A cohort's start year, as a text or a number (rules 7.5)."""

    default_error_messages = {"invalid": "It must be a year of four digits, such as 2021."}

    def to_internal_value(self, data: Any) -> int:
        text = data if isinstance(data, str) else str(data) if type(data) is int else ""
        if not (len(text) == 4 and text.isascii() and text.isdigit()):
            self.fail("invalid")
        return int(text)


def _is_clean(text: str) -> bool:
    return not any(unicodedata.category(character) in {"Cc", "Cs"} for character in text)


def read_attributes(
    shape: type[serializers.Serializer[Any]], attributes: Mapping[str, Any]
) -> tuple[dict[str, Any], Refusals]:
    """Read ``attributes`` as the fields of ``shape``; others are ignored (rules 3.3).

    Returns a value for each field, None where it is missing or malformed, and the refusals that
    say which of these were wrong, so that a service can add its own and raise all together.
    """
    values: dict[str, Any] = {}
    refusals = Refusals()
    for name, field in _fields(shape).items():
        given = attributes.get(name)
        values[name] = None
        if given is None:
            if field.required:
                refusals.add(name, ErrorCode.MISSING, f"{name} is missing. {_expected(field)}")
            continue
        try:
            values[name] = field.run_validation(given)
        except serializers.ValidationError:
            refusals.add(name, ErrorCode.INVALID, f"{name} is malformed. {_expected(field)}")
    return values, refusals


@cache  # they keep nothing of what they read
def _fields(shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    return dict(shape().fields)


def _expected(field: serializers.Field[Any, Any, Any, Any]) -> str:
    return str(field.error_messages["invalid"])
