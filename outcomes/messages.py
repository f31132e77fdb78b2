"""The words in which participants are told (rules 9.5)."""

from dataclasses import dataclass

from django.template.loader import render_to_string

from npq_portal.clock import london_day
from outcomes.models import Notification


@dataclass(frozen=True, slots=True)
class Message:
    """An e-mail as plain text."""

    address: str
    subject: str
    body: str


def message_for(notification: Notification) -> Message:
    """Return the e-mail that tells of a ``notification``, to the address as it is today."""
    outcome = notification.outcome
    application = outcome.declaration.application
    context = {
        "name": _on_one_line(application.participant.full_name),
        "course": _on_one_line(application.course.name),
        "provider": _on_one_line(outcome.declaration.lead_provider.name),
        "day": london_day(outcome.at),
    }
    return Message(
        address=application.participant.email,
        subject=render_to_string("outcomes/pass_retracted_subject.txt", context).strip(),
        body=render_to_string("outcomes/pass_retracted.txt", context).strip(),
    )


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
