"""The timeline's sources of outcomes, and of the messages that they cause (rules 13.7)."""

from npq_portal.back_office.timeline.entry import Entry, Window, link_to_page, who
from outcomes.choices import OutcomeState
from outcomes.models import Notification, NotificationAttempt, NotificationResend, Outcome
from participants.models import Participant


def outcomes(participant: Participant, window: Window) -> list[Entry]:
    """Return how the participant's courses ended."""
    rows = Outcome.objects.filter(declaration__application__participant=participant).select_related(
        "declaration__application__course", "token__lead_provider", "staff"
    )
    return [
        Entry(
            at=outcome.at,
            what=_what(outcome),
            who=who(outcome),
            why=outcome.reason,
            links=(link_to_page("Outcome", outcome),),
            token_id=outcome.token_id,
        )
        for outcome in window.of(rows, "at", "created_at")
    ]


def notifications(participant: Participant, window: Window) -> list[Entry]:
    """Return which messages the participant was owed."""
    rows = Notification.objects.filter(
        outcome__declaration__application__participant=participant
    ).select_related("outcome__declaration__application__course")
    return [
        Entry(
            at=it.created_at,
            what=f"A message was owed: the pass of {_course(it.outcome)} was taken back.",
            who="",
            links=(link_to_page("Notification", it),),
        )
        for it in window.of(rows, "created_at")
    ]


def attempts(participant: Participant, window: Window) -> list[Entry]:
    """Return what came of each try to send the participant a message."""
    rows = NotificationAttempt.objects.filter(
        notification__outcome__declaration__application__participant=participant
    )
    return [
        Entry(
            at=it.started_at,
            what=f"A message was tried on {it.get_channel_display()}:"
            f" {it.get_result_display().lower()}.",
            who="Command send_notifications",
            why=it.note,
            links=(link_to_page("Attempt", it),),
        )
        for it in window.of(rows, "started_at")
    ]


def resends(participant: Participant, window: Window) -> list[Entry]:
    """Return when staff had a message sent again."""
    rows = NotificationResend.objects.filter(
        notification__outcome__declaration__application__participant=participant
    ).select_related("notification", "token__lead_provider", "staff")
    return [
        Entry(
            at=it.at,
            what=f"A message that was {it.get_from_state_display().lower()} was to go again.",
            who=who(it),
            why=it.reason,
            links=(link_to_page("Notification", it.notification),),
        )
        for it in window.of(rows)
    ]


def _what(outcome: Outcome) -> str:
    course = _course(outcome)
    if outcome.state == OutcomeState.VOIDED:
        return f"The outcome of {course} was voided."
    day = outcome.completion_date
    state = outcome.get_state_display()
    return f"{state} {course}, completed on {day.day} {day:%B %Y}."


def _course(outcome: Outcome) -> str:
    return outcome.declaration.application.course.short_name
