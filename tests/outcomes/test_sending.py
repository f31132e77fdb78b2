"""What becomes of a message, whatever Notify answers (rules 9.6, 9.7)."""

import logging
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection

from npq_portal.back_office.integrity import findings
from npq_portal.identifiers import new_id
from outcomes.choices import AttemptResult, Channel
from outcomes.models import Notification
from outcomes.rules import LEASE, MOST_TRIES, TIMEOUT, Answer
from outcomes.services.sending import send_next
from participants.models import Participant
from tests.outcomes import fake_notify as fake
from tests.outcomes.fake_notify import Reaction
from tests.outcomes.rows import AT

pytestmark = pytest.mark.django_db
SOON = AT + timedelta(seconds=30)
LATER = AT + timedelta(hours=2)
REFUSED = Reaction(
    400, error="ValidationError", message="email_address p1@example.org is not a valid address"
)


def send_and_be_left_waiting(notify, send, at, reaction):
    """Send while Notify reacts like this; wait until it has, if it gives no answer."""
    notify.will(reaction)
    send(at, patience=0.2 if reaction.silent else TIMEOUT)
    assert not reaction.silent or notify.silences.acquire(timeout=60)


def results(notification):
    return [it.result for it in notification.attempts.all()]


def told(notification):
    notification.refresh_from_db()
    return notification.state, notification.due_at, results(notification)


def test_the_participant_is_told_what_happened_and_whom_to_ask(notify, owe, send):
    notification = owe()
    send(AT)
    (message,) = notify.taken
    assert message["email_address"] == "p1@example.org"
    assert message["reference"] == str(notification.attempts.get().pk)
    assert message["personalisation"]["subject"] == "Your pass for A was taken back"
    body = message["personalisation"]["body"]
    assert body.startswith("Dear Person 1,\n\nOn 1 June 2024 your training provider, Provider 1, ")
    assert "please ask Provider 1." in body
    assert told(notification) == ("sent", None, ["sent"])
    assert list(findings()) == []


def test_names_come_as_they_are_but_on_one_line(notify, owe, send):
    owe()
    Participant.objects.update(full_name="Zoë\n O'Neill & <Sons>")
    send(AT)
    assert notify.taken[0]["personalisation"]["body"].startswith("Dear Zoë O'Neill & <Sons>,\n")


def test_what_was_sent_is_not_sent_again(notify, owe, send):
    owe()
    owe()
    send(AT)
    send(LATER)
    assert sorted(it["email_address"] for it in notify.taken) == [
        "p1@example.org",
        "p2@example.org",
    ]


def test_what_is_not_due_yet_is_left(notify, owe, send):
    notification = owe()
    send(AT - timedelta(seconds=1))
    assert told(notification) == ("waiting", AT, [])


@pytest.mark.parametrize(
    "reaction", [fake.DROP, fake.IGNORE, fake.FAIL, fake.GARBLE, Reaction(503), Reaction(418)]
)
def test_of_unknown_fate_and_not_taken_it_is_looked_up_and_repeated(notify, owe, send, reaction):
    notification = owe()
    send_and_be_left_waiting(notify, send, AT, reaction)
    assert told(notification) == ("waiting", SOON, ["unknown"])
    send(SOON - timedelta(seconds=1))
    assert notify.looked_up == []
    send(SOON)
    first, second = notification.attempts.all()
    assert notify.looked_up == [str(first.pk)]
    assert notify.references() == [str(second.pk)]
    assert told(notification) == ("sent", None, ["lost", "sent"])


@pytest.mark.parametrize(
    "reaction",
    [fake.TAKE_AND_DROP, fake.TAKE_AND_IGNORE, fake.TAKE_AND_FAIL, fake.TAKE_AND_GARBLE],
)
def test_of_unknown_fate_but_taken_it_is_found_and_not_repeated(notify, owe, send, reaction):
    notification = owe()
    send_and_be_left_waiting(notify, send, AT, reaction)
    assert told(notification) == ("waiting", SOON, ["unknown"])
    send(SOON)
    assert len(notify.taken) == 1
    assert told(notification) == ("sent", None, ["sent"])


@pytest.mark.parametrize(
    "reaction",
    [fake.DROP, fake.FAIL, fake.LIMIT, Reaction(403), Reaction(400), fake.GARBLE],
)
def test_while_it_cannot_be_looked_up_nothing_is_sent(notify, owe, send, reaction):
    notification = owe()
    notify.will(fake.TAKE_AND_DROP)
    notify.will_look_up(reaction, Reaction(200, unreadable=True))
    send(AT)
    send(SOON)
    due = SOON + timedelta(minutes=1)
    assert told(notification) == ("waiting", due, ["unknown"])
    send(due)
    assert len(notify.taken) == 1
    send(due + timedelta(minutes=2))
    assert len(notify.taken) == 1
    assert told(notification) == ("sent", None, ["sent"])


def test_turned_away_it_is_repeated_without_looking_up(notify, owe, send):
    notification = owe()
    notify.will(fake.LIMIT)
    send(AT)
    assert told(notification) == ("waiting", SOON, ["turned-away"])
    send(SOON)
    assert told(notification) == ("sent", None, ["turned-away", "sent"])
    assert (len(notify.taken), notify.looked_up) == (1, [])


def test_a_refused_address_is_given_up_at_once(notify, owe, send):
    notification = owe()
    notify.will(REFUSED)
    send(AT)
    send(LATER)
    assert told(notification) == ("given-up", None, ["refused"])
    assert notify.taken == []


@pytest.mark.parametrize(
    "reaction",
    [
        Reaction(401),
        Reaction(403, error="AuthError", message="Invalid token: API key not found"),
        Reaction(404),
        Reaction(400, error="BadRequestError", message="Template not found"),
        Reaction(400, message="Can't send to this recipient using a team-only API key"),
    ],
)
def test_a_fault_of_our_configuration_gives_nothing_up_and_alarms(
    notify, owe, send, caplog, reaction
):
    notification = owe()
    at = AT
    for _ in range(MOST_TRIES + 5):
        notify.will(reaction)
        send(at)
        notification.refresh_from_db()
        assert notification.state == "waiting"
        at = notification.due_at
    assert {it.levelname for it in caplog.records} == {"ERROR"}
    notify.will(fake.LIMIT)
    send(at)
    assert told(notification)[0] == "waiting"
    send(notification.due_at)
    assert told(notification)[0] == "sent"


@pytest.mark.parametrize(
    ("last", "state", "last_result"),
    [
        (fake.LIMIT, "given-up", "turned-away"),
        (fake.FAIL, "given-up", "lost"),
        (fake.TAKE_AND_FAIL, "sent", "sent"),
    ],
)
def test_after_a_day_it_is_given_up_but_for_what_is_found(
    notify, owe, send, last, state, last_result
):
    notification = owe()
    notify.will(*[fake.LIMIT] * (MOST_TRIES - 1), last)
    while notification.due_at:
        at = notification.due_at
        send(at)
        notification.refresh_from_db()
    assert (notification.state, len(results(notification))) == (state, MOST_TRIES)
    assert results(notification)[-1] == last_result
    assert timedelta(hours=20) < at - AT < timedelta(hours=28)
    assert len(notify.taken) == (state == "sent")
    assert list(findings()) == []


def test_a_worker_that_never_comes_back_is_waited_for_no_longer_than_its_lease(notify, owe, send):
    notification = owe()
    Notification.objects.update(state="sending", lease=new_id(), due_at=AT + LEASE, tries=1)
    send(AT + LEASE - timedelta(seconds=1))
    assert notify.taken == []
    send(AT + LEASE)
    assert told(notification) == ("sent", None, ["sent"])


class SlowWay:
    """A way on which something happens while a message is under way."""

    channel = Channel.NOTIFY

    def __init__(self, meanwhile=lambda: None):
        self.sent = []
        self.meanwhile = meanwhile

    def send(self, message, reference):
        self.sent.append(reference)
        self.meanwhile()
        return Answer(AttemptResult.SENT, "")

    def look_up(self, attempt):
        raise AssertionError


def test_who_has_lost_the_lease_meanwhile_writes_nothing(owe, caplog):
    notification = owe()
    way = SlowWay(lambda: Notification.objects.update(lease=new_id()))
    assert send_next(way=way, now=lambda: AT)
    assert told(notification) == ("sending", AT + LEASE, ["under-way"])
    assert "notification_lease_lost" in caplog.text


@pytest.mark.parametrize(("seconds", "messages"), [(10, 1), (11, 0)])
def test_a_message_that_would_go_out_late_in_the_lease_does_not_go_out(owe, seconds, messages):
    notification = owe()
    instants = iter([AT, AT, AT + timedelta(seconds=seconds), AT])
    way = SlowWay()
    send_next(way=way, now=lambda: next(instants))
    assert len(way.sent) == messages
    assert told(notification)[0] == ("sent" if messages else "sending")


def test_workers_that_always_die_do_not_take_it_up_for_ever(notify, owe, send):
    notification = owe()
    Notification.objects.update(tries=MOST_TRIES)
    send(AT)
    assert told(notification) == ("given-up", None, [])


def test_no_name_or_address_is_logged(notify, owe, send, caplog):
    caplog.set_level(logging.DEBUG)
    owe()
    for reaction in (fake.FAIL, fake.DROP, Reaction(403, message="p1@example.org"), REFUSED):
        notify.will(reaction)
    at = AT
    while Notification.objects.exclude(state="given-up").exists():
        send(at)
        at += timedelta(hours=1)
    assert "notification_tried" in caplog.text
    assert "p1@example.org" not in caplog.text
    assert "Person 1" not in caplog.text


def test_without_a_key_it_goes_to_standard_output(owe, send):
    notification = owe()
    send(AT)
    (message,) = mail.outbox
    assert message.to == ["p1@example.org"]
    assert message.subject == "Your pass for A was taken back"
    assert message.extra_headers["Message-ID"].startswith(f"<{notification.attempts.get().pk}@")
    assert told(notification) == ("sent", None, ["sent"])


@pytest.mark.parametrize("address", ["", "p1@\nexample.org", "p1 at example"])
def test_without_a_key_too_what_is_no_address_is_given_up(owe, send, address, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    notification = owe()
    Participant.objects.update(email=address)
    send(AT)
    assert told(notification)[0] == ("sent" if address == "p1 at example" else "given-up")


def test_what_notify_may_have_taken_waits_for_the_key(notify, owe, send, settings):
    notification = owe()
    notify.will(fake.TAKE_AND_DROP)
    send(AT)
    settings.NOTIFY_API_KEY = ""
    send(SOON)
    assert told(notification)[0] == "waiting"
    settings.NOTIFY_API_KEY = fake.API_KEY
    send(LATER)
    assert told(notification) == ("sent", None, ["sent"])
    assert (len(notify.taken), mail.outbox) == (1, [])


def test_what_standard_output_may_have_got_is_repeated(owe, send):
    notification = owe()
    Notification.objects.update(state="sending", lease=new_id(), tries=1)
    notification.attempts.create(copy=1, channel="console", started_at=AT)
    send(AT)
    assert told(notification) == ("sent", None, [AttemptResult.LOST, AttemptResult.SENT])


def test_the_queue_is_read_from_its_index(owe):
    due = Notification.objects.due(AT).only("id")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
    assert "notification_due" in due[:1].explain()


def test_the_command_says_what_it_sends_on(owe):
    errors = StringIO()
    call_command("send_notifications", once=True, stderr=errors)
    assert errors.getvalue().splitlines() == [
        "Sending notifications: Standard output.",
        "Stopped.",
    ]
