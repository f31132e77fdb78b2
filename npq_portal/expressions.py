"""What queries ask for that the ORM has no words for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    CharField,
    DateTimeField,
    F,
    Func,
    QuerySet,
    TextField,
    UUIDField,
    Value,
)
from django.db.models.lookups import Lookup
from django.db.models.sql.datastructures import BaseTable


class After(Func):
    """That a row comes after a place in the order of two columns, an instant and an id.

    One range of an index on both, where ``OR`` would read all that comes before.
    """

    output_field = BooleanField()

    def __init__(self, key: tuple[str, str], place: tuple[datetime, UUID]) -> None:
        instant, identifier = place
        super().__init__(
            *(F(column) for column in key),
            Value(instant, output_field=DateTimeField()),
            Value(identifier, output_field=UUIDField()),
        )

    def as_sql(
        self, compiler: Any, connection: Any, *_: Any, **__: Any
    ) -> tuple[str, tuple[Any, ...]]:
        compiled = [compiler.compile(each) for each in self.get_source_expressions()]
        sql = "({}, {}) > ({}, {})".format(*(each for each, _ in compiled))
        return sql, tuple(value for _, values in compiled for value in values)


class AnyOf(Lookup):
    """That a column is one of some ids, which are one parameter however many they are."""

    prepare_rhs = False

    def __init__(self, column: str, identifiers: Sequence[UUID | str]) -> None:
        super().__init__(F(column), list(identifiers))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, values = self.process_lhs(compiler, connection)
        field = self.lhs.output_field
        own = [field.get_db_prep_value(each, connection) for each in self.rhs]
        return f"{column} IN ({', '.join(['%s'] * len(own))})", (*values, *own)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return what takes ids as an array."""
        column, values = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::uuid[])", (*values, array_of(self.rhs))


def array_of(identifiers: Sequence[UUID | str]) -> str:
    """Return ids as the text of an array: the driver would look at each for what to quote."""
    return f"{{{','.join(map(str, identifiers))}}}"


class Spelt(Func):
    """An id as the text of it, where the database spells one as the API does.

    The driver makes a text much sooner than a UUID, and nothing but the text is wanted.
    """

    template = "%(expressions)s"
    output_field = UUIDField()

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the text."""
        return self.as_sql(compiler, connection, template="%(expressions)s::text")


RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
"""What the text of a cell of CSV must not begin with (rules 3.13)."""

_RUN_CODES = ", ".join(str(ord(it)) for it in RUN_BY_SPREADSHEETS)
_NEUTRAL = f"""CASE WHEN ascii(%(expressions)s) IN ({_RUN_CODES})
    THEN '''' || %(expressions)s ELSE NULLIF(%(expressions)s, '') END"""
# Sessions are in UTC.
_INSTANT = "replace(left(%(expressions)s::text, 19), ' ', 'T') || 'Z'"


class Cell(Func):
    """A value as PostgreSQL writes it into a cell of CSV (rules 3.13)."""

    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return what makes the text, which runs nothing in a spreadsheet."""
        field = self.get_source_expressions()[0].output_field
        field = getattr(field, "target_field", field)
        if isinstance(field, DateTimeField):
            template = _INSTANT
        elif isinstance(field, CharField | TextField) and not field.choices:
            template = _NEUTRAL
        else:
            template = "%(expressions)s::text"
        sql, parameters = self.as_sql(compiler, connection, template=template)
        return sql, (*parameters,) * template.count("%(expressions)s")


class _Cut(BaseTable):
    """Rows of a table that stand for all of it."""

    def __init__(self, rows: QuerySet[Any, Any], alias: str) -> None:
        super().__init__(rows.model._meta.db_table, alias)  # noqa: SLF001 - documented
        self._rows = rows

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        sql, parameters = self._rows.query.get_compiler(connection=connection).as_sql()
        return f"({sql}) {compiler.quote_name_unless_alias(str(self.table_alias))}", parameters

    def relabeled_clone(self, change_map: dict[str | None, str]) -> "_Cut":
        alias = str(self.table_alias)
        return _Cut(self._rows, change_map.get(alias, alias))


def from_cut(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Return a query that reads, in place of a whole table, ``rows`` of it that were cut.

    So only those are joined with others, however many are expected: of a join that is cut itself
    all may be made and sorted first.
    """
    model = rows.model
    query: QuerySet[Any, Any] = model._base_manager.all()  # noqa: SLF001 - documented
    query.query.join(_Cut(rows, model._meta.db_table))  # noqa: SLF001 - documented
    return query
