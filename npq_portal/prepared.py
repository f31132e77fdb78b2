"""Queries of which the SQL is made once and not for every request (ADR 17)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, Model, QuerySet

from npq_portal.expressions import array_of

Rows = list[tuple[Any, ...]]
Made = TypeVar("Made", bound=Model)

_STAND_INS: dict[type, Callable[[int], Any]] = {
    UUID: lambda number: UUID(int=number),
    datetime: lambda number: datetime(1, 1, 2, tzinfo=UTC) + timedelta(days=number),
    date: lambda number: date(1, 1, 1) + timedelta(days=number),
    str: lambda number: f"stand-in {number}",
    int: lambda number: -(10**9) - number,
    list: lambda number: [UUID(int=10**9 + number)],
}
"""What takes a value's place while the SQL is made; nothing that a rule compares with."""


_MOST = 10**9 + 7
"""Where a query ends while its SQL is made, if it is cut within."""

# Until the end of the statement's own transaction.
_COMMIT_WITHOUT_WAITING = "RETURNING set_config('synchronous_commit', 'off', true)"


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL, and which of the values each of its parameters is."""

    sql: str
    places: tuple[int, ...]

    def fill(self, values: Sequence[Any]) -> list[Any]:
        given = [_sent(it) for it in values]
        return [given[place] for place in self.places]


class Prepared:
    """A query that ``build`` makes of values: UUIDs, lists of them, instants, days, texts, numbers.

    ``build`` returns a queryset of ``values_list`` whose shape does not hang on the values. On
    PostgreSQL it is called once for each combination of their types; afterwards its SQL is sent
    again, prepared, and rows come in binary. Elsewhere it is called each time. ``lock`` is a clause
    of PostgreSQL's that the ORM has no word for.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *, lock: str = "") -> None:
        self._build, self._lock = build, lock
        self._statements: dict[tuple[type, ...], _Statement] = {}

    def rows(self, *values: Any, most: int | None = None, skipped: int = 0) -> Rows:
        """Return the rows for ``values``: at ``most`` so many, after those that are ``skipped``."""
        if connection.vendor != "postgresql":
            return list(_cut(self._build(*values), most, skipped))
        return _fetch(*self.sql(values, most=most, skipped=skipped))

    def sql(
        self, values: Sequence[Any], *, most: int | None = None, skipped: int = 0
    ) -> tuple[str, list[Any]]:
        """Return what PostgreSQL is sent for ``rows``: a statement and its parameters."""
        statement = self._statement(values)
        sql = statement.sql
        if most is not None:
            # In the text, so that the plan is one for so many.
            sql = f"{sql} LIMIT {most:d} OFFSET {skipped:d}"
        return f"{sql} {self._lock}", statement.fill(values)

    def page(self, *values: Any, most: int) -> Rows:
        """Return the rows for ``values`` of a query that ``build`` cuts itself, at its ``most``."""
        if connection.vendor != "postgresql":
            return list(self._build(*values, most=most))
        statement = self._statement(values, most=_MOST)
        # In the text, so that the plan is one for so many.
        sql = statement.sql.replace(f"LIMIT {_MOST}", f"LIMIT {most:d}")
        return _fetch(sql, statement.fill(values))

    def row(self, *values: Any) -> tuple[Any, ...] | None:
        """Return the first row for ``values``, None when there is none."""
        rows = self.rows(*values, most=1)
        return rows[0] if rows else None

    def _statement(self, values: Sequence[Any], **cut: int) -> _Statement:
        kinds = tuple(type(value) for value in values)
        if kinds not in self._statements:
            self._statements[kinds] = self._make(kinds, **cut)
        return self._statements[kinds]

    def _make(self, kinds: Sequence[type], **cut: int) -> _Statement:
        stand_ins = [_STAND_INS[kind](number) for number, kind in enumerate(kinds, 1)]
        sql, parameters = _sql(self._build(*stand_ins, **cut))
        sent = [_sent(it) for it in stand_ins]
        pieces, places = sql.split("%s"), []
        for number, parameter in enumerate(parameters):
            if parameter in sent:
                places.append(sent.index(parameter))
                pieces[number] += "%s"
            else:  # in the text, so that plans are made for it
                pieces[number] += _literal(parameter)
        if set(range(len(kinds))) - set(places):
            raise ValueError("A value does not reach the SQL as it is.")
        return _Statement("".join(pieces), tuple(places))


def _literal(parameter: Any) -> str:
    """Return a constant as it stands in SQL that still has places for values."""
    text: str = connection.ops.compose_sql("%s", [parameter])  # type: ignore[attr-defined]
    return text.replace("%", "%%")


class Question(NamedTuple):
    """A query that is asked together with others: its values, and what is made of its rows."""

    query: Prepared
    values: Sequence[Any]
    answer: Callable[[Rows], Any]


def ask(*questions: Question) -> list[Any]:
    """Return the answers to ``questions``, which go to PostgreSQL and come back together.

    It takes them one after the other. So those behind one that waits for a lock see what was
    committed until it had it.
    """
    if connection.vendor == "postgresql" and len(questions) > 1:
        found = _fetch_together([it.query.sql(it.values) for it in questions])
    else:
        found = [it.query.rows(*it.values) for it in questions]
    return [it.answer(rows) for it, rows in zip(questions, found, strict=True)]


def read(queryset: QuerySet[Any, Any]) -> Rows:
    """Return the rows of a queryset of ``values_list``, whose SQL is made now."""
    if connection.vendor != "postgresql":
        return list(queryset)
    return _fetch(*_sql(queryset))


def copying(queryset: QuerySet[Any, Any]) -> str:
    """Return the statement by which PostgreSQL writes the rows of ``queryset`` as CSV."""
    sql, parameters = _sql(queryset)
    statement = f"COPY ({sql}) TO STDOUT (FORMAT csv)"
    return str(connection.ops.compose_sql(statement, parameters))  # type: ignore[attr-defined]


def insert(*rows: Model, may_be_lost: bool = False) -> None:
    """Save new ``rows`` of different models by one statement, made once; no signal is sent.

    What they hold of each other's ids they know already. What ``may_be_lost`` is not waited for
    until it is on PostgreSQL's disk: were that to crash within a second, it might be gone. In a
    transaction it is as safe as the rest.
    """
    if connection.vendor != "postgresql":
        for row in rows:
            row.save(force_insert=True)
        return
    sql = _insertion(tuple(type(row) for row in rows))
    if may_be_lost and not connection.in_atomic_block:
        sql = f"{sql} {_COMMIT_WITHOUT_WAITING}"
    database = connections[connection.alias]  # which each field asks; the other looks for it anew
    values = [_value(row, field, database) for row in rows for field in _written(type(row))]
    with connection.prepared_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql, values)
    for row in rows:
        row._state.adding = False  # noqa: SLF001


def _value(row: Model, field: Any, database: BaseDatabaseWrapper) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=True), database)


@cache
def _insertion(models: tuple[type[Model], ...]) -> str:
    *others, last = map(_insertion_into, models)
    before = ", ".join(f"row_{number} AS ({each})" for number, each in enumerate(others))
    return f"WITH {before} {last}" if others else last


def _insertion_into(model: type[Model]) -> str:
    quote, fields = connection.ops.quote_name, _written(model)
    names = ", ".join(quote(it.column) for it in fields)
    holes = ", ".join(["%s"] * len(fields))
    table = quote(model._meta.db_table)  # noqa: SLF001
    return f"INSERT INTO {table} ({names}) VALUES ({holes})"  # noqa: S608 - our own names


@cache
def _written(model: type[Model]) -> list[Any]:
    """Return the fields of a model without those that the database numbers."""
    fields = model._meta.local_concrete_fields  # noqa: SLF001
    return [it for it in fields if not isinstance(it, AutoField)]


@cache
def columns_of(model: type[Model], *, through: str = "") -> tuple[str, ...]:
    """Return what ``made_of`` needs: all columns of a model, ``through`` a relation to it."""
    prefix = f"{through}__" if through else ""
    fields = model._meta.concrete_fields  # noqa: SLF001
    return tuple(f"{prefix}{field.attname}" for field in fields)


def made_of(model: type[Made], row: Sequence[Any]) -> Made:
    """Return the instance whose ``columns_of`` a ``row`` begins with."""
    columns = columns_of(model)
    return model.from_db(None, columns, row[: len(columns)])


def made_with(model: type[Made], row: Sequence[Any], relation: str) -> Made:
    """Return an instance, and its ``relation`` made of the columns that follow its own."""
    made = made_of(model, row)
    related: Any = model._meta.get_field(relation).related_model  # noqa: SLF001
    setattr(made, relation, made_of(related, row[len(columns_of(model)) :]))
    return made


def _cut(queryset: QuerySet[Any, Any], most: int | None, skipped: int) -> QuerySet[Any, Any]:
    return queryset[skipped : None if most is None else skipped + most]


def _fetch(sql: str, parameters: Sequence[Any]) -> Rows:
    with connection.prepared_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql, parameters)
        rows: Rows = cursor.fetchall()
    return rows


def _fetch_together(statements: Sequence[tuple[str, Sequence[Any]]]) -> list[Rows]:
    cursors = [connection.prepared_cursor() for _ in statements]  # type: ignore[attr-defined]
    with connection.pipeline():  # type: ignore[attr-defined]
        for cursor, statement in zip(cursors, statements, strict=True):
            cursor.execute(*statement)
    return [cursor.fetchall() for cursor in cursors]


def _sql(queryset: QuerySet[Any, Any]) -> tuple[str, list[Any]]:
    sql, parameters = queryset.query.get_compiler(connection=connection).as_sql()
    return sql, [_plain(each) for each in parameters]


def _sent(value: Any) -> Any:
    """Return a value as the driver is given it."""
    return array_of(value) if isinstance(value, list) else value


def _plain(parameter: Any) -> Any:
    """Return a member of an enumeration as the text it stands for, which the driver would name."""
    return str(parameter) if isinstance(parameter, str) else parameter
