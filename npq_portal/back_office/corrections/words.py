"""What was filled in for a correction, as its form says it (rules 14.13)."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from npq_portal.back_office.corrections.kinds import KINDS
from npq_portal.back_office.corrections.records import load
from npq_portal.clock import day_in_words, london_time


def in_words(slug: str, record_id: UUID, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the label and the value, for people, of each of ``values`` of a kind of correction.

    What the form does not know, or not any more, is told as it was kept.
    """
    kind = KINDS.get(slug)
    record = load(kind.about, record_id) if kind else None
    fields = kind.form(record).fields if kind and record else {}
    for name, value in values.items():
        field = fields.get(name)
        label = str(field.label) if field else name.replace("_", " ")
        yield label, _value_in_words(field, value)


def _value_in_words(field: forms.Field | None, value: Any) -> str:
    if value in (None, "", []):
        return "none"
    if isinstance(field, forms.ModelChoiceField | forms.DateField | forms.DateTimeField):
        try:
            value = field.to_python(value)
        except ValidationError:
            return str(value)
    elif isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        names = {str(key): str(name) for key, name in choices}
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(names.get(str(it), str(it)) for it in chosen)
    return _in_words(value)


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return london_time(value)
    return day_in_words(value) if isinstance(value, date) else str(value)
