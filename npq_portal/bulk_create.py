"""Making and writing very many rows of a model."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import orjson
from django.db import connection
from django.db.models import Model
from psycopg.types.json import set_json_dumps

Made = TypeVar("Made", bound=Model)


def new_instance(model: type[Made], values: Mapping[str, Any]) -> Made:
    """Return a new instance with ``values`` of attributes, the others at their defaults.

    A third of the time that the model itself takes for values by name. What would be worked out
    anew for each instance, such as an id, has to be among the values.
    """
    return model(*map(values.get, *_defaults(model)))


@cache
def _defaults(model: type[Model]) -> tuple[list[str], list[Any]]:
    fields = model._meta.concrete_fields  # noqa: SLF001 - documented
    defaults = [None if callable(it.default) else it.get_default() for it in fields]
    return [it.attname for it in fields], defaults


def bulk_create(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write ``rows`` of values for ``columns``, the attributes of the model's own fields.

    PostgreSQL takes them in while the next are made; what makes them must not use the database.
    No signal is sent, and no field prepares values.
    """
    if connection.vendor == "postgresql":
        _copy(model, tuple(columns), rows)
        return
    instances = (model(**dict(zip(columns, row, strict=True))) for row in rows)
    model._base_manager.bulk_create(instances)  # noqa: SLF001 - documented


def check_references_at_once() -> None:
    """Have PostgreSQL check the references of a statement's rows when it ends, not at commit.

    Until then it would remember each row that was written.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _copy(model: type[Model], columns: tuple[str, ...], rows: Iterable[Sequence[Any]]) -> None:
    sql, types = _copying(model, columns)
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(sql) as copy,
        connection.execute_wrapper(_refuse),
    ):
        set_json_dumps(orjson.dumps, cursor)  # in a tenth of the time
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _refuse(*_: Any) -> None:
    """Refuse a query while rows are taken in: it would wait for their end for ever."""
    raise RuntimeError("Rows that are taken in must not come from a query.")


@cache
def _copying(model: type[Model], columns: tuple[str, ...]) -> tuple[str, list[str]]:
    """Return the statement that takes rows in binary, and the types of their values."""
    quote, meta = connection.ops.quote_name, model._meta  # noqa: SLF001 - documented
    fields = {it.attname: it for it in meta.concrete_fields}
    chosen: list[Any] = [fields[name] for name in columns]
    names = ", ".join(quote(it.column) for it in chosen)
    types = [str(it.db_type(connection)).partition("(")[0] for it in chosen]
    return f"COPY {quote(meta.db_table)} ({names}) FROM STDIN (FORMAT binary)", types
