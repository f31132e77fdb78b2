"""The timeline's source of applications and training (rules 13.7)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from npq_portal.back_office.timeline.entry import Entry, Link, Window, link_to_page, who
from npq_portal.clock import london_day
from participants.models import ApplicationEvent, Participant

Kind = ApplicationEvent.Kind

NOT_TOLD = {"training_status", "status", "withdrawn_at", "deferred_at"}
"""Values that change with every event of their kind."""


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
    return [_entry(event) for event in window.of(rows)]


def _entry(event: ApplicationEvent) -> Entry:
    tell = TELLERS.get(event.kind, _told_by_values)
    return Entry(
        at=event.at,
        what=tell(event),
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


def _registered(event: ApplicationEvent) -> str:
    it = event.application
    since = _as_of(it.registered_at, event.at, "registered")
    return f"Applied for {_course(event)} with {it.lead_provider}, cohort {it.cohort}{since}."


def _accepted(event: ApplicationEvent) -> str:
    since = _as_of(_instant(event.after.get("accepted_at")), event.at, "as of")
    schedule = event.after.get("schedule")
    return f"{_course(event)} was accepted{since}, on schedule {schedule}."


def _rejected(event: ApplicationEvent) -> str:
    return f"{_course(event)} with {event.application.lead_provider} was rejected."


def _withdrawn(event: ApplicationEvent) -> str:
    since = _as_of(_instant(event.after.get("withdrawn_at")), event.at, "as of")
    return f"Withdrew from {_course(event)}{since}."


def _deferred(event: ApplicationEvent) -> str:
    since = _as_of(_instant(event.after.get("deferred_at")), event.at, "as of")
    return f"Deferred {_course(event)}{since}."


def _resumed(event: ApplicationEvent) -> str:
    return f"Resumed {_course(event)}."


def _moved(event: ApplicationEvent) -> str:
    before, after = event.before.get("schedule"), event.after.get("schedule")
    return f"{_course(event)} moved from schedule {before} to {after}."


def _told_by_values(event: ApplicationEvent) -> str:
    changes = [
        f"{name.replace('_', ' ')} from {_shown(event.before.get(name))} to {_shown(value)}"
        for name, value in event.after.items()
        if name not in NOT_TOLD and value != event.before.get(name)
    ]
    told = f": {', '.join(changes)}" if changes else ""
    return f"{_course(event)}: {event.get_kind_display().lower()}{told}."


TELLERS: dict[str, Callable[[ApplicationEvent], str]] = {
    Kind.REGISTERED: _registered,
    Kind.ACCEPTED: _accepted,
    Kind.REJECTED: _rejected,
    Kind.WITHDRAWN: _withdrawn,
    Kind.DEFERRED: _deferred,
    Kind.RESUMED: _resumed,
    Kind.SCHEDULE_CHANGED: _moved,
}
"""How each kind of event is told; any other by the values that it changed."""


def in_words(reason: str) -> str:
    """Return a reason as people write it: those of the API are written with hyphens."""
    is_code = reason and " " not in reason
    return f"{reason.replace('-', ' ').capitalize()}." if is_code else reason


def _course(event: ApplicationEvent) -> str:
    return event.application.course.short_name


def _as_of(instant: datetime | None, at: datetime, words: str) -> str:
    """Return when something counted from, where that is another London day than ``at``."""
    if instant is None or london_day(instant) == london_day(at):
        return ""
    day = london_day(instant)
    return f" ({words} {day.day} {day:%B %Y})"


def _instant(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
