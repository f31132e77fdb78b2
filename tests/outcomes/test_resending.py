"""Staff have a notification sent again (rules 9.8)."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from npq_portal.back_office.integrity import findings
from npq_portal.errors import NotFound
from outcomes.models import Notification
from outcomes.services import send_again
from participants.models import Participant
from tests.outcomes import fake_notify as fake
from tests.outcomes.fake_notify import Reaction
from tests.outcomes.rows import AT, BY

pytestmark = pytest.mark.django_db


def page(notification, name="send_again"):
    return reverse(f"admin:outcomes_notification_{name}", args=[notification.pk])


def log_in(client, *permissions):
    staff = User.objects.create_user("sam", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(staff)
    return staff


@pytest.fixture
def caseworker(client):
    return log_in(client, "view_notification", "change_notification")


@pytest.fixture
def given_up(notify, owe, send):
    notification = owe()
    notify.will(Reaction(400))
    send(AT)
    notification.refresh_from_db()
    assert notification.state == "given-up"
    return notification


@pytest.fixture
def sent(notify, owe, send):
    notification = owe()
    send(AT)
    notification.refresh_from_db()
    assert notification.state == "sent"
    return notification


def ask(client, notification, reason="Moved house", seen=1):
    return client.post(page(notification), {"reason": reason, "attempts_seen": seen}, follow=True)


def test_a_given_up_one_goes_to_the_address_as_it_is_now(
    client, caseworker, given_up, notify, send
):
    person = Participant.objects.get()
    person.email = "new@example.org"
    person.save()
    answer = ask(client, given_up, reason=" Address corrected ")
    assert answer.redirect_chain == [(page(given_up, "change"), 302)]
    assert "The notification will be sent again." in answer.content.decode()
    send(timezone.now() + timedelta(seconds=1))
    assert [it["email_address"] for it in notify.taken] == ["new@example.org"]
    given_up.refresh_from_db()
    assert (given_up.state, given_up.copy) == ("sent", 1)
    (resend,) = given_up.resends.all()
    assert (resend.from_state, resend.reason) == ("given-up", "Address corrected")
    assert resend.staff == caseworker
    assert list(findings()) == []


def test_of_a_sent_one_another_message_goes_out_and_both_are_kept(
    client, caseworker, sent, notify, send
):
    ask(client, sent)
    send(timezone.now() + timedelta(seconds=1))
    assert notify.references() == [str(it.pk) for it in sent.attempts.all()]
    assert len(set(notify.references())) == 2
    assert list(sent.attempts.values_list("copy", "result")) == [(1, "sent"), (2, "sent")]
    assert list(findings()) == []


def test_what_a_given_up_one_may_have_sent_is_looked_up_first(
    client, caseworker, notify, owe, send
):
    notification = owe()
    notify.will(fake.TAKE_AND_DROP)
    notify.will_look_up(*[fake.FAIL] * 30)
    while notification.due_at:
        send(notification.due_at)
        notification.refresh_from_db()
    assert notification.state == "given-up"
    ask(client, notification)
    send(timezone.now() + timedelta(seconds=1))
    notification.refresh_from_db()
    assert (notification.state, len(notify.taken)) == ("sent", 1)
    assert list(findings()) == []


def test_the_page_asks_before_anything_happens(client, caseworker, given_up):
    content = client.get(page(given_up)).content.decode()
    assert 'name="reason"' in content
    assert "it is looked up first" in content.replace("\n", " ")
    assert page(given_up) in client.get(page(given_up, "change")).content.decode()
    given_up.refresh_from_db()
    assert given_up.state == "given-up"


def test_the_page_of_a_sent_one_says_that_it_comes_once_more(client, caseworker, sent):
    assert "will get the message once more" in client.get(page(sent)).content.decode()


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_nothing_happens(client, caseworker, given_up, reason):
    answer = ask(client, given_up, reason=reason)
    assert answer.context["form"].errors.keys() == {"reason"}
    given_up.refresh_from_db()
    assert given_up.state == "given-up"


@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_what_is_on_its_way_is_refused_with_a_sentence(client, caseworker, owe, state):
    notification = owe()
    lease = UUID(int=1) if state == "sending" else None
    Notification.objects.update(state=state, lease=lease)
    answer = ask(client, notification, seen=0)
    assert f"The notification is {state}" in answer.content.decode()
    assert not notification.resends.exists()
    assert "Send again" not in client.get(page(notification, "change")).content.decode()


def test_asked_twice_from_one_page_it_is_sent_once_more(client, caseworker, sent, notify, send):
    ask(client, sent)
    send(timezone.now() + timedelta(seconds=1))
    assert "was tried since you looked at it" in ask(client, sent).content.decode()
    send(timezone.now() + timedelta(seconds=2))
    assert len(notify.taken) == 2


def test_who_may_only_look_is_refused_and_shown_no_button(client, given_up):
    log_in(client, "view_notification")
    assert "Send again" not in client.get(page(given_up, "change")).content.decode()
    assert client.get(page(given_up)).status_code == 403
    assert ask(client, given_up).status_code == 403


def test_a_forged_form_is_refused(caseworker, given_up):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(caseworker)
    assert ask(strict, given_up).status_code == 403
    assert not given_up.resends.exists()


def test_an_unknown_one_is_not_found(client, caseworker):
    unknown = Notification(pk=UUID(int=1))
    assert client.get(page(unknown)).status_code == 404
    with pytest.raises(NotFound, match=r"There is no notification 0+-"):
        send_again(notification_id=unknown.pk, reason="r", attempts_seen=0, by=BY, at=AT)


def test_the_list_can_be_narrowed_to_a_state(client, caseworker, given_up, owe):
    waiting = owe()
    listing = reverse("admin:outcomes_notification_changelist")
    for state, expected in (("given-up", given_up), ("waiting", waiting)):
        answer = client.get(listing, {"state__exact": state})
        assert list(answer.context["cl"].result_list) == [expected]


@pytest.mark.parametrize(
    ("first", "second"), [("sent", "sent"), ("unknown", "unknown"), ("unknown", "under-way")]
)
def test_the_database_keeps_a_message_single(owe, first, second):
    notification = owe()

    def attempt(result):
        ended_at = None if result == "under-way" else AT
        notification.attempts.create(
            copy=1, channel="notify", started_at=AT, ended_at=ended_at, result=result
        )

    attempt(first)
    with pytest.raises(IntegrityError), transaction.atomic():
        attempt(second)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "sending"},
        {"state": "sent"},
        {"state": "lost"},
        {"due_at": None},
        {"excused_tries": 1},
        {"copy": 0},
    ],
)
def test_the_database_refuses_a_place_in_the_queue_that_makes_no_sense(owe, changes):
    owe()
    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.update(**changes)
