"""What a kind of correction is: for what, for whom, by which service, and what undoes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model

from npq_portal.back_office.corrections.forms import CorrectionForm
from npq_portal.back_office.corrections.records import Record
from npq_portal.history import Actor

Service = Callable[..., object]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Opposite:
    """The kind of correction that would undo another, and what its form would say."""

    kind: str
    values: Mapping[str, Any]


def always(record: Model) -> bool:
    """Return that it can be asked for whatever the record is."""
    return True


def never(record: Record) -> bool:
    """Return that it is not offered; it is there to undo another."""
    return False


def nothing(record: Any) -> Opposite | None:
    """Return that nothing undoes it."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of correction.

    ``service`` is called with the record, the values of the form, ``by`` and ``at``.
    ``opposite`` says from the record before it what undoes it; where nothing does, ``instead``
    tells what to do. ``other`` names the value that is the id of a second person it is about.
    """

    slug: str
    title: str
    done: str
    about: type[Record]
    permission: str
    form: type[CorrectionForm]
    service: Service
    is_offered: Callable[[Any], bool]
    opposite: Callable[[Any], Opposite | None] = nothing
    instead: str = ""
    other: str = ""

    @property
    def only_undoes(self) -> bool:
        """Whether it is there to undo another, and nobody asks for it by itself."""
        return self.is_offered is never

    def run(self, record: Record, values: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
        """Call the service; raises what it raises."""
        self.service(record, **values, by=by, at=at)


def by_id(service: Callable[..., Result], name: str) -> Callable[..., Result]:
    """Return ``service`` as one that takes the record instead of its id."""

    def call(record: Model, **values: Any) -> Result:
        return service(**{name: record.pk}, **values)

    return call


def as_before(slug: str, form: type[CorrectionForm]) -> Callable[[Record], Opposite]:
    """Return what sets the values of ``form`` back to what they were."""
    return lambda record: Opposite(slug, form.current(record))
