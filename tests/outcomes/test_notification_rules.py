"""The decisions about notifications, each of them (rules 9.6 to 9.8)."""

from datetime import UTC, datetime, timedelta

import pytest

from outcomes.choices import AttemptResult as Result
from outcomes.choices import NotificationState as State
from outcomes.rules import (
    FIRST_WAIT,
    LEASE,
    LONGEST_WAIT,
    MOST_TRIES,
    SETTLED,
    TIMEOUT,
    TRANSITIONS,
    answer_to_look_up,
    answer_to_sending,
    back_off,
    due_after,
    has_time_to_send,
    refusals_to_send_again,
    result_after,
    state_after,
)

AT = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (None, Result.UNKNOWN),
        *((status, Result.UNKNOWN) for status in (200, 302, 408, 418, 500, 502, 503, 504)),
        (400, Result.REFUSED),
        *((status, Result.MISCONFIGURED) for status in (401, 403, 404, 405)),
        (429, Result.TURNED_AWAY),
    ],
)
def test_what_an_answer_to_sending_means(status, result):
    answer = answer_to_sending(status)
    assert answer.result == result
    assert str(status or "No answer") in answer.note


@pytest.mark.parametrize(
    "explanation",
    [
        "Template not found",
        "template_id is not a valid UUID",
        "Missing personalisation: body",
        "Can't send to this recipient using a team-only API key",
        "Can't send to this recipient when service is in trial mode",
    ],
)
def test_a_bad_request_that_is_our_own_fault_gives_no_message_up(explanation):
    assert answer_to_sending(400, explanation).result == Result.MISCONFIGURED
    assert explanation not in answer_to_sending(400, explanation).note


@pytest.mark.parametrize("status", [None, 200, 400, 401, 403, 404, 429, 500])
def test_a_look_up_that_fails_tells_nothing_and_gives_nothing_up(status):
    result = answer_to_look_up(status).result
    assert result_after(Result.UNKNOWN, result) == Result.UNKNOWN
    assert state_after(result, 1) == State.WAITING


@pytest.mark.parametrize("result", [Result.SENT, Result.LOST])
def test_a_look_up_that_succeeds_tells_for_certain(result):
    assert result_after(Result.UNKNOWN, result) == result


@pytest.mark.parametrize("result", [it for it in Result if it != Result.UNDER_WAY])
def test_an_attempt_comes_to_what_was_answered(result):
    assert result_after(Result.UNDER_WAY, result) == result


@pytest.mark.parametrize(
    ("result", "before_last", "last", "after_last"),
    [
        (Result.SENT, State.SENT, State.SENT, State.SENT),
        (Result.REFUSED, State.GIVEN_UP, State.GIVEN_UP, State.GIVEN_UP),
        (Result.TURNED_AWAY, State.WAITING, State.GIVEN_UP, State.GIVEN_UP),
        (Result.MISCONFIGURED, State.WAITING, State.WAITING, State.WAITING),
        (Result.UNKNOWN, State.WAITING, State.WAITING, State.GIVEN_UP),
        (Result.LOST, State.SENDING, State.SENDING, State.GIVEN_UP),
    ],
)
def test_where_a_notification_stands_after_a_try(result, before_last, last, after_last):
    states = [state_after(result, MOST_TRIES + number) for number in (-1, 0, 1)]
    assert states == [before_last, last, after_last]
    assert TRANSITIONS[State.SENDING].issuperset(states)


def test_waits_double_from_half_a_minute_to_an_hour():
    waits = [back_off(tries).total_seconds() for tries in range(1, 10)]
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert back_off(10_000) == LONGEST_WAIT


def test_the_tries_take_about_a_day():
    waits = sum((back_off(tries) for tries in range(1, MOST_TRIES)), timedelta())
    assert timedelta(hours=20) < waits < timedelta(hours=28)


def test_a_lease_holds_a_request_and_then_a_first_wait():
    latest = LEASE - FIRST_WAIT - timedelta(seconds=2 * TIMEOUT)
    assert latest > timedelta()
    assert has_time_to_send(AT, AT + latest)
    assert not has_time_to_send(AT, AT + latest + timedelta(microseconds=1))


def test_when_a_notification_is_due():
    assert due_after(State.WAITING, 2, at=AT) == AT + timedelta(minutes=1)
    assert due_after(State.SENDING, 2, at=AT) == AT + LEASE
    assert {due_after(state, 2, at=AT) for state in SETTLED} == {None}


def test_only_staff_move_what_is_settled_and_only_back_into_the_queue():
    assert set(TRANSITIONS) == set(State)
    assert {TRANSITIONS[state] for state in SETTLED} == {frozenset({State.WAITING})}


@pytest.mark.parametrize("state", State)
def test_what_staff_may_send_again(state):
    refused = [it.attribute for it in refusals_to_send_again(state, has_changed=False)]
    assert refused == ([] if state in SETTLED else ["base"])


def test_sending_again_needs_a_fresh_look():
    (refusal,) = refusals_to_send_again(State.SENT, has_changed=True)
    assert (refusal.attribute, refusal.code) == ("base", "not-resendable")
