"""The shape of a record, written once for JSON, CSV and the description (rules 3.4, 5)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from drf_spectacular.drainage import set_override
from rest_framework import serializers

from npq_portal.expressions import Spelt

Row = tuple[Any, ...]
Place = tuple[datetime, UUID]
"""The key of a row in a list."""

SerializerClass = type[serializers.Serializer[Any]]


class ConstantField(serializers.CharField):
    """A text that is always the same."""

    def __init__(self, text: str) -> None:
        super().__init__(initial=text)
        set_override(self, "field", {"type": "string", "const": text})


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: where in a row it is read, or by what expression, and how it is described.

    A function is asked for an expression that names models of apps above. Without a ``source`` the
    record's ``write`` adds it. The field's ``initial`` is the example in the description.
    """

    source: str | Combinable | Callable[[], Combinable] | None
    field: serializers.Field[Any, Any, Any, Any]

    def expression(self) -> str | Combinable | None:
        """Return what is selected, None for what ``write`` adds."""
        if callable(self.source):
            return self.source()
        is_id = self.source is not None and isinstance(self.field, serializers.UUIDField)
        return Spelt(self.source) if is_id else self.source


class Record:
    """A kind of record; declare ``type`` and ``attributes`` in the order of rules 5."""

    type: ClassVar[str]
    attributes: ClassVar[dict[str, Attribute]]
    key: ClassVar[tuple[str, str]] = ("created_at", "id")
    """The order of lists, which names every row: an instant and the id."""
    id_path: ClassVar[str] = "id"
    extras: ClassVar[tuple[str, ...]] = ()
    """What is read of each row behind the attributes, for ``write``."""
    example_id: ClassVar[UUID] = UUID("5f0c8c1e-3b7a-4d52-9a60-7e1d2c4b8f93")

    @classmethod
    def sources(cls) -> list[str | Combinable]:
        """Return what is read of each row, the id first, then attributes."""
        attributes = [it.expression() for it in cls.attributes.values()]
        return [Spelt(cls.id_path), *(it for it in attributes if it is not None)]

    @classmethod
    def select(cls, queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        """Return the rows as tuples of their sources and extras, with the key's instant last."""
        return queryset.values_list(*cls.sources(), *cls.extras, cls.key[0])

    @classmethod
    def place(cls, row: Row) -> Place:
        """Return the key of a selected row."""
        return row[-1], UUID(str(row[0]))

    @classmethod
    def write(cls, rows: Sequence[Row], *, lead_provider_id: UUID) -> list[dict[str, Any]]:
        """Return rows that were selected for a provider as records."""
        names = tuple(cls.attributes)
        return [
            # The instant, behind the last name, falls off.
            {"id": row[0], "type": cls.type, "attributes": dict(zip(names, row[1:], strict=False))}
            for row in rows
        ]

    @classmethod
    def name(cls) -> str:
        """Return what the description calls the record."""
        return cls.__name__.removesuffix("Record")

    @classmethod
    @cache  # the description names each class once
    def data_serializer_class(cls) -> SerializerClass:
        """Return the description of a record as an entry of a list."""
        base, name = (serializers.Serializer,), cls.name()
        fields = {each: attribute.field for each, attribute in cls.attributes.items()}
        inner = type(f"{name}Attributes", base, fields)
        key = serializers.UUIDField(initial=cls.example_id)
        members = {"id": key, "type": ConstantField(cls.type), "attributes": inner()}
        return type(f"{name}Data", base, members)

    @classmethod
    @cache
    def serializer_class(cls) -> SerializerClass:
        """Return the description of one record: ``{"data": …}``."""
        data = cls.data_serializer_class()
        return type(cls.name(), (serializers.Serializer,), {"data": data()})
