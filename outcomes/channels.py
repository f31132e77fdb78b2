"""The ways out for messages: GOV.UK Notify, or standard output where it has no key (rules 9.7)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient

from outcomes.choices import AttemptResult, Channel
from outcomes.messages import Message
from outcomes.models import NotificationAttempt
from outcomes.rules import TIMEOUT, Answer, answer_to_look_up, answer_to_sending


class Way(Protocol):
    """A way out for messages, used by one worker alone."""

    channel: Channel

    def send(self, message: Message, reference: UUID) -> Answer:
        """Send ``message`` under a ``reference`` that is its own; return what is known then."""

    def look_up(self, attempt: NotificationAttempt) -> Answer:
        """Return what became of an attempt: sent, lost, or anything else for nothing yet."""


@contextmanager
def way_out() -> Iterator[Way]:
    """Open the way that is configured, for as long as the context lasts."""
    if not settings.NOTIFY_API_KEY:
        yield Console()
        return
    client = NotificationsAPIClient(
        settings.NOTIFY_API_KEY, base_url=settings.NOTIFY_BASE_URL, timeout=TIMEOUT
    )
    with client.request_session:
        yield Notify(client, settings.NOTIFY_TEMPLATE_ID)


class Notify:
    """GOV.UK Notify, which takes a message for delivery, and finds it by its reference.

    It does not mind the same reference twice, so only looking up keeps a message single.
    """

    channel = Channel.NOTIFY

    def __init__(self, client: NotificationsAPIClient, template_id: str) -> None:
        self._client = client
        self._template_id = template_id

    def send(self, message: Message, reference: UUID) -> Answer:
        try:
            self._client.send_email_notification(
                email_address=message.address,
                template_id=self._template_id,
                personalisation={"subject": message.subject, "body": message.body},
                reference=str(reference),
            )
        except APIError as error:
            return answer_to_sending(_status(error), str(error.message))
        return Answer(AttemptResult.SENT, "Notify took the message.")

    def look_up(self, attempt: NotificationAttempt) -> Answer:
        reference = str(attempt.pk)
        try:
            page = self._client.get_all_notifications(reference=reference)
        except APIError as error:
            return answer_to_look_up(_status(error))
        try:
            is_known = any(it["reference"] == reference for it in page["notifications"])
        except (KeyError, TypeError):
            return answer_to_look_up(None)
        if is_known:
            return Answer(AttemptResult.SENT, "Looked up; Notify has the message.")
        return Answer(AttemptResult.LOST, "Looked up; Notify does not have the message.")


class Console:
    """Django's e-mail backend, which is the one that writes to standard output."""

    channel = Channel.CONSOLE

    def send(self, message: Message, reference: UUID) -> Answer:
        e_mail = EmailMessage(
            message.subject,
            message.body,
            to=[message.address],
            headers={"Message-ID": f"<{reference}@npq-portal>"},
        )
        try:
            is_written = bool(e_mail.send())
        except ValueError:  # raised for what can't be an address
            is_written = False
        if is_written:
            return Answer(AttemptResult.SENT, "Written to standard output.")
        return Answer(AttemptResult.REFUSED, "The address is not one.")

    def look_up(self, attempt: NotificationAttempt) -> Answer:
        if attempt.channel == Channel.NOTIFY:
            return Answer(AttemptResult.MISCONFIGURED, "Can't be looked up without NOTIFY_API_KEY.")
        return Answer(AttemptResult.LOST, "Perhaps on standard output, which can't be looked up.")


def _status(error: APIError) -> int | None:
    """Return the status of a refusal; None for what is no answer at all, or none to be read."""
    if error.response is None or error.response.ok:
        return None
    return error.response.status_code
