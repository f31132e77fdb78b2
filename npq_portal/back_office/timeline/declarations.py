"""The timeline's source of declarations (rules 13.7)."""

from declarations.choices import DeclarationState
from declarations.models import DeclarationEvent
from npq_portal.back_office.timeline.applications import in_words
from npq_portal.back_office.timeline.entry import Entry, Link, Window, link_to_page, who
from npq_portal.clock import london_day
from participants.models import Participant

SELF_EVIDENT = {"Recorded.", "Voided."}
"""Reasons that say what the entry says."""


def declarations(participant: Participant, window: Window) -> list[Entry]:
    """Return what happened to the participant's declarations."""
    rows = DeclarationEvent.objects.filter(
        declaration__application__participant=participant
    ).select_related(
        "declaration__application__course",
        "declaration__duplicate_of",
        "statement__period",
        "clawback_statement__period",
        "token__lead_provider",
        "staff",
    )
    return [_entry(event) for event in window.of(rows)]


def _entry(event: DeclarationEvent) -> Entry:
    return Entry(
        at=event.at,
        what=_what(event),
        who=who(event),
        why=_why(event),
        links=_links(event),
        token_id=event.token_id,
    )


def _what(event: DeclarationEvent) -> str:
    it = event.declaration
    course = it.application.course.short_name
    day = london_day(it.declaration_date)
    place = _place(event)
    if not event.from_state:
        dated = f"{day.day} {day:%B %Y}"
        return f"Declared {it.declaration_type} of {course} for {dated}: {_state(event)}{place}."
    subject = f"The {it.declaration_type} declaration of {course}"
    if event.from_state == event.to_state:
        return f"{subject} was put{place or ' on no statement'}."
    before = event.get_from_state_display().lower()
    return f"{subject} went from {before} to {_state(event)}{place}."


def _state(event: DeclarationEvent) -> str:
    return event.get_to_state_display().lower()


def _place(event: DeclarationEvent) -> str:
    """Return which statement the declaration was on from then, as the end of a sentence."""
    if event.clawback_statement is not None:
        return f", to be clawed back on the statement of {event.clawback_statement.period.name}"
    if event.statement is not None:
        return f" on the statement of {event.statement.period.name}"
    waits = event.to_state in {DeclarationState.ELIGIBLE, DeclarationState.AWAITING_CLAWBACK}
    return ", waiting for a statement" if waits else ""


def _why(event: DeclarationEvent) -> str:
    is_duplicate = event.declaration.duplicate_of is not None
    if is_duplicate and event.to_state == DeclarationState.INELIGIBLE:
        return "Another record with the same TRN has this declaration."
    return "" if event.reason in SELF_EVIDENT else in_words(event.reason)


def _links(event: DeclarationEvent) -> tuple[Link, ...]:
    links = [link_to_page("Declaration", event.declaration)]
    if event.declaration.duplicate_of is not None and not event.from_state:
        links.append(link_to_page("The one it duplicates", event.declaration.duplicate_of))
    statement = event.clawback_statement or event.statement
    if statement is not None:
        links.append(link_to_page("Statement", statement))
    return tuple(links)
