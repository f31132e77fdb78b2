"""Tokens that are rotated (rules 15.7)."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from npq_portal.clock import london_day
from npq_portal.history import Actor
from npq_portal.providers.models import ApiToken, ApiTokenEvent
from npq_portal.providers.services import authenticate, create_api_token, revoke_api_token
from tests.factories.providers import LeadProviderFactory

NOW = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # 1 July in London
BY = Actor(command="test")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def make():
    """Return a function that makes a token and returns it with its secret."""
    provider = LeadProviderFactory.create(name="Ambition")

    def create(*, at=NOW, **values):
        return create_api_token(lead_provider=provider, by=BY, at=at, **values)

    return create


@pytest.fixture
def rotate(capsys):
    """Return a function that runs the command and returns the new token and its secret."""

    def run(token, *arguments):
        call_command("rotate_api_token", str(token.pk), *arguments)
        secret = capsys.readouterr().out.removesuffix("\n")
        return authenticate(secret=secret, at=timezone.now()), secret

    return run


def test_the_new_token_is_alone_on_standard_output(make, capsys):
    token, _ = make()
    call_command("rotate_api_token", str(token.pk))
    written = capsys.readouterr()
    new = ApiToken.objects.get(replaces=token)
    assert ApiToken.hash_of(written.out.removesuffix("\n")) == new.secret_hash
    assert written.err == (
        f"Token {new.pk}: keep it now, it is not shown again."
        " The old one works through 2026-07-08.\n"
    )


@pytest.mark.parametrize("read_only", [False, True])
def test_the_successor_is_as_the_old_one_was(make, rotate, read_only):
    old, _ = make(description="CRM", read_only=read_only)
    new, _ = rotate(old)
    assert (new.lead_provider, new.description) == (old.lead_provider, "CRM")
    assert (new.read_only, new.expires_on, new.replaces) == (read_only, None, old)


@pytest.mark.parametrize(("arguments", "days"), [([], 7), (["--overlap", "0"], 0)])
def test_the_old_one_works_through_the_last_day_of_the_overlap(
    make, rotate, clock, arguments, days
):
    old, secret = make()
    new, new_secret = rotate(old, *arguments)
    last_moment = datetime(2026, 7, 1, 22, 59, 59, tzinfo=UTC) + timedelta(days=days)
    assert authenticate(secret=secret, at=last_moment) == old
    assert authenticate(secret=secret, at=last_moment + timedelta(seconds=1)) is None
    assert authenticate(secret=new_secret, at=last_moment + timedelta(days=999)) == new


def test_a_last_day_that_comes_before_the_overlap_ends_is_kept(make, rotate):
    old, _ = make(expires_on=date(2026, 7, 3))
    rotate(old)
    old.refresh_from_db()
    assert old.expires_on == date(2026, 7, 3)


def test_the_successor_is_valid_for_as_many_days_as_the_old_one_was(make, rotate):
    made = NOW - timedelta(days=90)
    old, _ = make(at=made, expires_on=london_day(made) + timedelta(days=365))
    assert rotate(old)[0].expires_on == date(2026, 7, 1) + timedelta(days=365)
    of_a_day, _ = make(expires_on=date(2026, 7, 1))
    assert rotate(of_a_day)[0].expires_on == date(2026, 7, 1)
    for_good, _ = make(at=made, expires_on=date.max)
    assert rotate(for_good)[0].expires_on == date.max


def test_the_history_tells_of_both(make, rotate):
    old, _ = make()
    new, _ = rotate(old, "--reason", "Once a year.")
    revoke_api_token(token_id=old.pk, by=BY, at=NOW, reason="Changed over.")
    kept = ApiTokenEvent.objects.order_by("id").values_list(
        "api_token", "kind", "command", "reason"
    )
    assert list(kept) == [
        (old.pk, "created", "test", ""),
        (new.pk, "created", "rotate_api_token", ""),
        (old.pk, "rotated", "rotate_api_token", "Once a year."),
        (old.pk, "revoked", "test", "Changed over."),
    ]


def test_a_successor_is_rotated_in_turn(make, rotate):
    second, _ = rotate(make()[0])
    third, _ = rotate(second)
    assert third.replaces == second


def refused(match, token_id, *arguments):
    before = list(ApiToken.objects.values())
    with pytest.raises(CommandError, match=match) as caught:
        call_command("rotate_api_token", str(token_id), *arguments)
    assert caught.value.returncode == 1
    assert list(ApiToken.objects.values()) == before


def test_what_cannot_be_rotated_is_refused(make, rotate, clock):
    old, _ = make(expires_on=date(2026, 7, 2))
    revoked, _ = make()
    revoke_api_token(token_id=revoked.pk, by=BY, at=NOW)
    new, _ = rotate(old)
    refused("There is no token", uuid4())
    refused("is revoked or has expired; create a new one", revoked.pk)
    refused(f"was rotated already; rotate its successor {new.pk}", old.pk)
    refused("The overlap is 0 to 90 days", new.pk, "--overlap", "91")
    refused("The overlap is 0 to 90 days", new.pk, "--overlap=-1")
    clock.shift(timedelta(days=2))
    refused("is revoked or has expired", old.pk)


def test_no_secret_is_stored(make, rotate):
    old, secret = make()
    _, new_secret = rotate(old)
    stored = str(list(ApiToken.objects.values())) + str(list(ApiTokenEvent.objects.values()))
    assert secret not in stored
    assert new_secret not in stored
