"""The shape of a record, written once for JSON, CSV and the description (rules 3.4, 5)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.drainage import set_override
from rest_framework import serializers

SerializerClass = type[serializers.Serializer[Any]]


class ConstantField(serializers.CharField):
    """A text that is always the same."""

    def __init__(self, text: str) -> None:
        super().__init__(initial=text)
        set_override(self, "field", {"type": "string", "const": text})


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: where it is read, how it is described and, if need be, converted.

    Without a ``path`` it is read from what ``Record.attach`` put in the row under its name. The
    field's ``initial`` is the example in the description.
    """

    path: str | None
    field: serializers.Field[Any, Any, Any, Any]
    convert: Callable[[Any], Any] | None = None


class Record:
    """A kind of record; declare ``type`` and ``attributes`` in the order of rules 5."""

    type: ClassVar[str]
    attributes: ClassVar[dict[str, Attribute]]
    key: ClassVar[tuple[str, str]] = ("created_at", "id")
    id_path: ClassVar[str] = "id"
    example_id: ClassVar[UUID] = UUID("5f0c8c1e-3b7a-4d52-9a60-7e1d2c4b8f93")

    @classmethod
    def select(cls, queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        """Return the rows as dictionaries of what the record reads."""
        paths = {each.path for each in cls.attributes.values() if each.path is not None}
        return queryset.values(*sorted(paths | {*cls.key, cls.id_path}))

    @classmethod
    def attach(cls, rows: list[dict[str, Any]]) -> None:
        """Put into each row what takes another query; nothing by default."""

    @classmethod
    def write(cls, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return selected rows as records."""
        cls.attach(rows)
        return [
            {"id": str(row[cls.id_path]), "type": cls.type, "attributes": cls._attributes(row)}
            for row in rows
        ]

    @classmethod
    def rows(cls, queryset: QuerySet[Any, Any]) -> list[dict[str, Any]]:
        """Return the records of ``queryset``."""
        return cls.write(list(cls.select(queryset)))

    @classmethod
    def _attributes(cls, row: dict[str, Any]) -> dict[str, Any]:
        values = {}
        for name, attribute in cls.attributes.items():
            value = row[attribute.path or name]
            values[name] = attribute.convert(value) if attribute.convert else value
        return values

    @classmethod
    def csv_rows(cls, queryset: QuerySet[Any, Any], chunk_size: int) -> Iterator[Iterable[Any]]:
        """Yield the header and then a line per record; no more than a chunk is held."""
        yield ["id", *cls.attributes]
        for row in cls.select(queryset).order_by(*cls.key).iterator(chunk_size=chunk_size):
            yield [row[cls.id_path], *cls._attributes(row).values()]

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
