"""The timeline's source of applications and training (rules 13.7)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from npq_portal.back_office.timeline.entry import Entry, Link, Window, link_to_page, who
from npq_portal.clock import london_day
from participants.models import ApplicationEvent, Participant

Kind = ApplicationEvent.Kind

NOT_TOLD = {"training_status", "status", "withdrawn_at", "deferred_at"}
"""Values that change with every event of their kind."""


class Past(NamedTuple):
    """An event, and what its application was for when it happened."""

    event: ApplicationEvent
    course: str
    lead_provider: str
    cohort: str


def applications(participant: Participant, window: Window) -> list[Entry]:
    """Return what happened to the participant's applications."""
    rows = ApplicationEvent.objects.filter(application__participant=participant).select_related(
        "application__course",
        "application__lead_provider",
        "application__cohort",
        "because_of__course",
        "because_of__lead_provider",
        "token__lead_provider",
        "staff",
    )
    return [_entry(past) for past in _as_it_was(window.of(rows))]


def _as_it_was(events: list[ApplicationEvent]) -> list[Past]:
    """Return ``events``, oldest first, with what they changed since taken back."""
    told = []
    then: dict[UUID, dict[str, str]] = {}
    for event in reversed(events):
        now = event.application
        facts = then.setdefault(
            now.pk,
            {
                "course": now.course.short_name,
                "lead_provider": now.lead_provider.name,
                "cohort": str(now.cohort),
            },
        )
        told.append(Past(event, **facts))
        facts.update({name: event.before[name] for name in facts if event.before.get(name)})
    return told[::-1]


def _entry(past: Past) -> Entry:
    event = past.event
    tell = TELLERS.get(event.kind, _told_by_values)
    return Entry(
        at=event.at,
        what=tell(past),
        who=who(event),
        why=_why(event),
        links=_links(event),
        token_id=event.token_id,
    )


def _why(event: ApplicationEvent) -> str:
    if event.because_of is not None:
        return (
            f"The application for {event.because_of.course.short_name} with"
            f" {event.because_of.lead_provider} was accepted."
        )
    return in_words(event.reason)


def _links(event: ApplicationEvent) -> tuple[Link, ...]:
    own = link_to_page("Application", event.application)
    if event.because_of is None:
        return (own,)
    return own, link_to_page("The accepted application", event.because_of)


def _registered(past: Past) -> str:
    since = _as_of(past.event.application.registered_at, past.event.at, "registered")
    return f"Applied for {past.course} with {past.lead_provider}, cohort {past.cohort}{since}."


def _accepted(past: Past) -> str:
    schedule = past.event.after.get("schedule")
    return f"{past.course} was accepted{_since('accepted_at', past)}, on schedule {schedule}."


def _rejected(past: Past) -> str:
    return f"{past.course} with {past.lead_provider} was rejected."


def _withdrawn(past: Past) -> str:
    return f"Withdrew from {past.course}{_since('withdrawn_at', past)}."


def _deferred(past: Past) -> str:
    return f"Deferred {past.course}{_since('deferred_at', past)}."


def _resumed(past: Past) -> str:
    return f"Resumed {past.course}."


def _moved(past: Past) -> str:
    before, after = past.event.before.get("schedule"), past.event.after.get("schedule")
    return f"{past.course} moved from schedule {before} to {after}."


def _transferred(past: Past) -> str:
    before = past.event.before.get("lead_provider")
    return f"{past.course} moved from {before} to {past.lead_provider}."


def _told_by_values(past: Past) -> str:
    before, after = past.event.before, past.event.after
    changes = [
        f"{name.replace('_', ' ')} from {_shown(before.get(name))} to {_shown(value)}"
        for name, value in sorted(after.items())
        if name not in NOT_TOLD and value != before.get(name)
    ]
    told = f": {', '.join(changes)}" if changes else ""
    return f"{past.course}: {past.event.get_kind_display().lower()}{told}."


TELLERS: dict[str, Callable[[Past], str]] = {
    Kind.REGISTERED: _registered,
    Kind.ACCEPTED: _accepted,
    Kind.REJECTED: _rejected,
    Kind.WITHDRAWN: _withdrawn,
    Kind.DEFERRED: _deferred,
    Kind.RESUMED: _resumed,
    Kind.SCHEDULE_CHANGED: _moved,
    Kind.TRANSFERRED: _transferred,
}
"""How each kind of event is told; any other by the values that it changed."""


def in_words(reason: str) -> str:
    """Return a reason as people write it: those of the API are written with hyphens."""
    is_code = reason and " " not in reason
    return f"{reason.replace('-', ' ').capitalize()}." if is_code else reason


def _since(name: str, past: Past) -> str:
    text = past.event.after.get(name)
    return _as_of(datetime.fromisoformat(text) if text else None, past.event.at, "as of")


def _as_of(instant: datetime | None, at: datetime, words: str) -> str:
    """Return when something counted from, where that is another London day than ``at``."""
    if instant is None or london_day(instant) == london_day(at):
        return ""
    day = london_day(instant)
    return f" ({words} {day.day} {day:%B %Y})"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
