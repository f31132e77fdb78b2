"""What can be corrected of the record that a page shows (rules 14.13, 14.14)."""

from dataclasses import dataclass

from django import template
from django.template.context import RequestContext

from npq_portal.back_office.corrections.kinds import KINDS, Kind, offered
from npq_portal.back_office.corrections.preview import undoable_corrections
from npq_portal.back_office.corrections.records import Record, participant_of
from npq_portal.back_office.models import Correction

register = template.Library()


@dataclass(frozen=True, slots=True)
class Possible:
    """The corrections that are offered, and the newest one where it can be undone."""

    kinds: list[Kind]
    undoable: Correction | None

    @property
    def undo_title(self) -> str:
        """What would be undone, and whose it was."""
        if self.undoable is None:
            return ""
        return f"{KINDS[self.undoable.kind].title.lower()} by {self.undoable.actor_name}"


@register.simple_tag(takes_context=True)
def corrections_of(context: RequestContext, record: Record) -> Possible:
    """Return what the user may correct about ``record`` now.

    A page of many records of one person looks once for what can be undone, as ``undoable``.
    """
    kinds = offered(context["user"], record)
    if not kinds:
        return Possible([], None)
    undoable = context.get("undoable")
    if undoable is None:
        undoable = undoable_corrections(participant_of(record))
    return Possible(kinds, undoable.get(record.pk))
