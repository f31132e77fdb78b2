"""The words of outcomes and notifications that are stored and answered."""

from django.db.models import TextChoices


class OutcomeState(TextChoices):
    """How a course ended (rules 9.1)."""

    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"
    VOIDED = "voided", "Voided"


class NotificationState(TextChoices):
    """Where a notification stands on its way to the participant (rules 9.6).

    ``waiting`` is due, or will be; ``sending`` is in the hands of one worker; ``sent`` was taken
    for delivery; ``given-up`` will not be tried again unless staff ask for it.
    """

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    GIVEN_UP = "given-up", "Given up"


class Channel(TextChoices):
    """What a message goes out on (rules 9.7)."""

    NOTIFY = "notify", "GOV.UK Notify"
    CONSOLE = "console", "Standard output"


class AttemptResult(TextChoices):
    """What came of one attempt to send a message (rules 9.7).

    ``under-way`` has been begun; ``sent`` was taken; ``refused`` is a no for good;
    ``turned-away`` a no for now; ``misconfigured`` a no to this service, whatever the message;
    ``unknown`` may or may not have been taken, until it is looked up; ``lost`` was looked up and
    had not been taken.
    """

    UNDER_WAY = "under-way", "Under way"
    SENT = "sent", "Sent"
    REFUSED = "refused", "Refused"
    TURNED_AWAY = "turned-away", "Turned away"
    MISCONFIGURED = "misconfigured", "Misconfigured"
    UNKNOWN = "unknown", "Unknown"
    LOST = "lost", "Lost"
