"""Workers are killed at every step; each participant is told once all the same (rules 9.7)."""

from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from npq_portal.back_office.integrity import findings
from tests.outcomes import fake_notify as fake
from tests.outcomes.rows import AT
from tests.workers import KILLED, Workers

SEND = ("send_notifications", "--once")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workers(notify):
    with Workers(connection.settings_dict["NAME"], notify.url) as workers:
        yield workers


def let_arrive(notification, workers, *deaths):
    """Let worker after worker send it when it is due, each dying at its step; return their ends.

    The last ones live.
    """
    ends, steps = [], list(deaths)
    notification.refresh_from_db()
    while notification.due_at:
        ends.append(
            workers.run(*SEND, at=notification.due_at, dies_at=steps.pop(0) if steps else None)
        )
        notification.refresh_from_db()
    return ends


def messages(notify, notification):
    """Count what Notify took of all that was ever sent for it."""
    references = {str(pk) for pk in notification.attempts.values_list("pk", flat=True)}
    return len(references.intersection(notify.references()))


@pytest.mark.parametrize(
    ("reactions", "who_dies"),
    [((), 0), ((fake.DROP,), 1), ((fake.TAKE_AND_DROP,), 1)],
    ids=["sending", "looking up and repeating", "looking up and finding"],
)
def test_killed_at_any_step_the_message_arrives_once(notify, owe, workers, reactions, who_dies):
    step, end = 0, KILLED
    while end == KILLED:
        step += 1
        notification = owe()
        notify.will(*reactions)
        ends = let_arrive(notification, workers, *[None] * who_dies, step)
        end = ends.pop(who_dies)
        assert set(ends) <= {0}
        assert (notification.state, messages(notify, notification)) == ("sent", 1)
    assert step > 12
    assert len(notify.taken) == step
    assert list(findings()) == []


@pytest.mark.parametrize(
    ("reaction", "results"),
    [(fake.KILL, ["lost", "sent"]), (fake.TAKE_AND_KILL, ["sent"])],
    ids=["before it is taken", "after"],
)
def test_killed_while_notify_has_the_request_the_message_arrives_once(
    notify, owe, workers, reaction, results
):
    notification = owe()
    notify.will(reaction)
    assert let_arrive(notification, workers) == [KILLED, 0]
    assert messages(notify, notification) == len(notify.taken) == 1
    assert [it.result for it in notification.attempts.all()] == results


def test_a_killed_worker_keeps_its_message_for_as_long_as_its_lease(notify, owe, workers):
    notification = owe()
    notify.will(fake.KILL)
    workers.run(*SEND, at=AT)
    assert workers.run(*SEND, at=AT + timedelta(seconds=59)) == 0
    notification.refresh_from_db()
    assert (notification.state, notify.taken) == ("sending", [])
    workers.run(*SEND, at=AT + timedelta(seconds=60))
    assert len(notify.taken) == 1


reactions = some.sampled_from(
    [
        fake.TAKE,
        fake.LIMIT,
        fake.FAIL,
        fake.TAKE_AND_FAIL,
        fake.DROP,
        fake.TAKE_AND_DROP,
        fake.GARBLE,
        fake.TAKE_AND_GARBLE,
        fake.KILL,
        fake.TAKE_AND_KILL,
        fake.Reaction(403),
    ]
)
faults_in_looking_up = some.sampled_from(
    [fake.KILL, fake.DROP, fake.FAIL, fake.LIMIT, fake.GARBLE, fake.Reaction(403)]
)


@settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=25,
    # Each example owes a message of its own; what went before stays, as it would.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    sends=some.lists(reactions, max_size=5),
    look_ups=some.lists(faults_in_looking_up, max_size=3),
    deaths=some.lists(some.none() | some.integers(1, 20), max_size=6),
)
def test_whatever_goes_wrong_the_message_arrives_once(
    notify, owe, workers, sends, look_ups, deaths
):
    notification = owe()
    notify.will(*sends)
    notify.will_look_up(*look_ups)
    let_arrive(notification, workers, *deaths)
    notify.forget_what_to_do()
    assert (notification.state, messages(notify, notification)) == ("sent", 1)
    assert list(findings()) == []
