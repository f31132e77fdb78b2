"""Several workers at once: each message goes out once, and none waits for another."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from npq_portal.back_office.integrity import findings
from outcomes.channels import way_out
from outcomes.models import Notification
from outcomes.services.queue import take_next
from outcomes.services.sending import send_next
from tests.outcomes import fake_notify as fake
from tests.outcomes.rows import AT

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 6


@pytest.fixture
def at_once():
    """Return a function that runs another in as many threads as there are workers, all at once."""

    def run(work):
        gate = threading.Barrier(WORKERS)

        def one(number):
            gate.wait()
            try:
                return work(number)
            finally:
                connection.close()

        with ThreadPoolExecutor(WORKERS) as threads:
            return list(threads.map(one, range(WORKERS)))

    return run


def send_all(_number):
    with way_out() as way:
        while send_next(way=way, now=lambda: AT):
            pass


def test_workers_at_once_send_each_message_once(notify, owe, at_once):
    owed = [owe() for _ in range(20)]
    at_once(send_all)
    addresses = [it["email_address"] for it in notify.taken]
    assert sorted(addresses) == sorted(f"p{number}@example.org" for number in range(1, 21))
    assert Notification.objects.filter(state="sent").count() == len(owed)
    assert list(findings()) == []


def test_what_was_left_unknown_is_looked_up_and_sent_by_one_of_them(notify, owe, at_once):
    owed = [owe() for _ in range(6)]
    notify.will(*[fake.DROP, fake.TAKE_AND_DROP] * 3)
    at_once(send_all)
    Notification.objects.update(due_at=AT)
    at_once(send_all)
    assert len(notify.taken) == len({it["email_address"] for it in notify.taken}) == len(owed)


def test_workers_at_once_take_one_each(owe, at_once):
    owed = {owe().pk for _ in range(WORKERS)}
    taken = at_once(lambda _number: take_next(at=AT, due_by=AT))
    assert {it.pk for it in taken} == owed
