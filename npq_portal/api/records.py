"""The shape of a record, written once for JSON, CSV and the description (rules 3.4, 5)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

SerializerClass = type[serializers.Serializer[Any]]


Description = type[serializers.Serializer[Any]]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: where it is read, how it is described and, if need be, converted.

    Without a ``path`` it is read from what ``Record.attach`` put in the row under its name.
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
    def serializer_class(cls) -> SerializerClass:
        """Return the description of one record: ``{"data": …}``."""
        return cls._document(many=False)

    @classmethod
    def list_serializer_class(cls) -> SerializerClass:
        """Return the description of a list: ``{"data": […]}``."""
        return cls._document(many=True)

    @classmethod
    @cache  # the description names each class once
    def _data(cls) -> Description:
        base, name = (serializers.Serializer,), cls.__name__
        fields = {each: attribute.field for each, attribute in cls.attributes.items()}
        inner = type(f"{name}Attributes", base, fields)
        kind = serializers.ChoiceField(choices=[cls.type])
        members = {"id": serializers.UUIDField(), "type": kind, "attributes": inner()}
        return type(f"{name}Data", base, members)

    @classmethod
    @cache
    def _document(cls, *, many: bool) -> Description:
        name = f"{cls.__name__}{'List' if many else ''}"
        data = cls._data()
        return type(name, (serializers.Serializer,), {"data": data(many=many)})
