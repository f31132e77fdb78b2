from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarations import rules
from declarations.choices import DeclarationState as State
from declarations.rules import Facts

CUT_OFF = date(2022, 6, 25)
BEFORE = datetime(2022, 6, 24, 22, 59, 59, tzinfo=UTC)
ON = datetime(2022, 6, 24, 23, 0, tzinfo=UTC)  # midnight in London, in summer
AFTER = datetime(2022, 6, 26, 12, tzinfo=UTC)


def facts(funded=True, duplicate=False, withdrawn_at=None, cut_off=CUT_OFF):
    return Facts(
        funded=funded, duplicate=duplicate, withdrawn_at=withdrawn_at, started_cut_off=cut_off
    )


@pytest.mark.parametrize(
    ("withdrawn_at", "cut_off", "duplicate", "funded", "state"),
    [
        *(
            (at, CUT_OFF, True, funded, "ineligible")
            for at in (None, BEFORE, ON, AFTER)
            for funded in (True, False)
        ),
        (BEFORE, CUT_OFF, False, True, "ineligible"),
        (BEFORE, CUT_OFF, False, False, "ineligible"),
        *((at, CUT_OFF, False, True, "eligible") for at in (None, ON, AFTER)),
        *((at, CUT_OFF, False, False, "submitted") for at in (None, ON, AFTER)),
        (BEFORE, None, False, True, "eligible"),
        (BEFORE, None, False, False, "submitted"),
        (BEFORE, None, True, True, "ineligible"),
    ],
)
def test_who_is_paid(withdrawn_at, cut_off, duplicate, funded, state):
    assert rules.assess(facts(funded, duplicate, withdrawn_at, cut_off)) == state


@pytest.mark.parametrize(
    ("state", "after"),
    [
        ("submitted", "voided"),
        ("eligible", "voided"),
        ("payable", "voided"),
        ("ineligible", "voided"),
        ("paid", "awaiting-clawback"),
        ("voided", None),
        ("awaiting-clawback", None),
        ("clawed-back", None),
    ],
)
def test_what_voiding_makes_of_every_state(state, after):
    assert rules.state_after_void(State(state)) == after


@pytest.mark.parametrize(
    ("state", "if_eligible", "if_submitted", "if_ineligible"),
    [
        ("submitted", "eligible", "submitted", "ineligible"),
        ("eligible", "eligible", "submitted", "ineligible"),
        ("payable", "payable", "payable", "ineligible"),
        ("ineligible", "eligible", "submitted", "ineligible"),
        *(
            (state, state, state, state)
            for state in ("paid", "voided", "awaiting-clawback", "clawed-back")
        ),
    ],
)
def test_what_reassessment_makes_of_every_state(state, if_eligible, if_submitted, if_ineligible):
    state = State(state)
    assert rules.reassess(state, facts()) == if_eligible
    assert rules.reassess(state, facts(funded=False)) == if_submitted
    assert rules.reassess(state, facts(withdrawn_at=BEFORE)) == if_ineligible


@pytest.mark.parametrize(
    ("state", "funded", "duplicate", "withdrawn_at"),
    list(product(State, (True, False), (True, False), (None, BEFORE, ON, AFTER))),
)
def test_reassessing_is_idempotent_and_takes_only_steps_that_exist(
    state, funded, duplicate, withdrawn_at
):
    given = facts(funded, duplicate, withdrawn_at)
    after = rules.reassess(state, given)
    assert after == state or after in rules.TRANSITIONS[state]
    assert rules.reassess(after, given) == after


def test_every_state_is_in_the_table_and_two_are_final():
    assert set(rules.TRANSITIONS) == set(State)
    assert {it for it, to in rules.TRANSITIONS.items() if not to} == {
        State.VOIDED,
        State.CLAWED_BACK,
    }


ALL_TYPES = ("started", "retained-1", "retained-2", "completed")
SPECIALIST = ("completed", "retained-1", "started")


@pytest.mark.parametrize(
    ("price", "types", "shares"),
    [
        ("1000.00", ALL_TYPES, {"started": "250.00", "retained-2": "250.00"}),
        ("100.00", SPECIALIST, {"started": "33.33", "retained-1": "33.34", "completed": "33.33"}),
        ("0.01", ALL_TYPES, {"started": "0.00", "retained-1": "0.01", "completed": "0.00"}),
        ("812.50", ("started",), {"started": "812.50"}),
        ("812.50", SPECIALIST, {"retained-2": None}),
        ("812.50", (), {"started": None}),
    ],
)
def test_what_one_declaration_is_worth(price, types, shares):
    for kind, share in shares.items():
        expected = None if share is None else Decimal(share)
        assert rules.share_of_price(Decimal(price), types, kind) == expected


@given(
    pence=st.integers(min_value=1, max_value=999_999_999),
    types=st.sets(st.sampled_from(ALL_TYPES), min_size=1),
)
def test_the_shares_of_a_price_add_up_to_it(pence, types):
    price = Decimal(pence) / 100
    shares = [rules.share_of_price(price, types, kind) or Decimal(0) for kind in types]
    assert sum(shares) == price
    assert max(shares) - min(shares) <= Decimal("0.01")
