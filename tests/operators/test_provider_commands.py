import re
from datetime import UTC, datetime, timedelta
from errno import ENOSPC
from io import StringIO
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from npq_portal.providers.models import ApiToken, ApiTokenEvent, LeadProvider
from npq_portal.providers.services import authenticate

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider():
    return LeadProvider.objects.create(name="Ambition", created_at=timezone.now())


def test_a_known_provider_is_kept_and_its_ukprn_completed(capsys):
    call_command("create_lead_provider", "Ambition")
    call_command("create_lead_provider", "Ambition", "--ukprn", "12345678")
    first, second = capsys.readouterr().out.split()
    assert first == second == str(LeadProvider.objects.get(ukprn="12345678").id)


def test_another_spelling_is_another_provider(provider, capsys):
    call_command("create_lead_provider", "AMBITION")
    assert capsys.readouterr().out.strip() == str(LeadProvider.objects.get(name="AMBITION").pk)


@pytest.mark.parametrize(("name", "ukprn"), [("", "12345678"), ("A" * 201, None), ("A", "1")])
def test_a_malformed_provider_is_refused(name, ukprn):
    with pytest.raises(CommandError) as caught:
        call_command("create_lead_provider", name, ukprn=ukprn)
    assert caught.value.returncode == 1


@pytest.mark.parametrize("by", ["name", "id"])
def test_a_token_is_alone_on_standard_output_and_works(provider, capsys, by):
    call_command("create_api_token", str(getattr(provider, by)), "--description", "CRM")
    secret = capsys.readouterr().out.strip()
    token = authenticate(secret=secret, at=timezone.now())
    assert token is not None
    assert (token.lead_provider, token.description) == (provider, "CRM")


@pytest.mark.parametrize("command", ["create_api_token", "rotate_api_token"])
def test_a_token_that_cannot_be_printed_is_not_made(provider, capsys, command):
    class FullDisk(StringIO):
        def write(self, _text):
            raise OSError(ENOSPC, "No space left on device")

    call_command("create_api_token", "Ambition")
    known = ApiToken.objects.get()
    argument = "Ambition" if command == "create_api_token" else str(known.pk)
    with pytest.raises(OSError, match="No space left"):
        call_command(command, argument, stdout=FullDisk())
    known.refresh_from_db()
    assert (ApiToken.objects.get(), known.expires_on) == (known, None)


def test_a_secret_has_a_prefix_to_be_found_by_and_256_random_bits(provider, capsys):
    call_command("create_api_token", "Ambition")
    call_command("create_api_token", "Ambition")
    first, second = capsys.readouterr().out.split()
    assert first != second
    for secret in (first, second):
        assert re.fullmatch(r"npq_[A-Za-z0-9_-]{43}", secret)


@pytest.mark.parametrize(("arguments", "read_only"), [([], False), (["--read-only"], True)])
def test_a_token_writes_unless_it_is_to_read_only(provider, arguments, read_only):
    call_command("create_api_token", "Ambition", *arguments)
    assert ApiToken.objects.get().read_only is read_only


def test_a_past_day_and_an_unknown_provider_are_refused(provider):
    with pytest.raises(CommandError, match="past"):
        call_command("create_api_token", "Ambition", "--expires", "2020-01-01")
    with pytest.raises(CommandError, match="no lead provider"):
        call_command("create_api_token", str(uuid4()))
    with pytest.raises(CommandError, match="200 characters"):
        call_command("create_api_token", "Ambition", "--description", "a" * 201)
    with pytest.raises(CommandError, match="not a day"):
        call_command("create_api_token", "Ambition", "--expires", "tomorrow")
    assert not ApiToken.objects.exists()


def test_tokens_are_listed_without_their_secrets(provider, capsys):
    day = (timezone.now() + timedelta(days=9)).date().isoformat()
    call_command("create_api_token", "Ambition", "--expires", day, "--description", "a\tb")
    secret = capsys.readouterr().out.strip()
    call_command("list_api_tokens")
    out = capsys.readouterr().out
    assert secret not in out
    cells = out.rstrip("\n").split("\t")
    assert cells[1:3] == ["Ambition", "a b"]
    assert cells[4:] == ["", day, ""]


def test_revoking_again_keeps_the_first_time(provider):
    call_command("create_api_token", "Ambition")
    token = ApiToken.objects.get()
    call_command("revoke_api_token", str(token.id))
    token.refresh_from_db()
    first = token.revoked_at
    call_command("revoke_api_token", str(token.id))
    token.refresh_from_db()
    assert token.revoked_at == first is not None


def test_the_history_of_a_token_names_the_commands(provider):
    call_command("create_api_token", "Ambition")
    token = ApiToken.objects.get()
    call_command("revoke_api_token", str(token.id), "--reason", "It leaked.")
    call_command("revoke_api_token", str(token.id), "--reason", "Again.")
    kept = ApiTokenEvent.objects.values_list("kind", "command", "reason")
    assert list(kept) == [
        ("created", "create_api_token", ""),
        ("revoked", "revoke_api_token", "It leaked."),
    ]


@pytest.mark.parametrize("command", ["revoke_api_token", "rotate_api_token"])
def test_a_reason_that_is_too_long_is_refused(provider, command):
    call_command("create_api_token", "Ambition")
    token = ApiToken.objects.get()
    with pytest.raises(CommandError, match="at most 2000 characters"):
        call_command(command, str(token.id), "--reason", "a" * 2001)
    assert ApiTokenEvent.objects.get().kind == "created"


def test_revoking_an_unknown_token_is_refused():
    with pytest.raises(CommandError, match="no token"):
        call_command("revoke_api_token", str(uuid4()))


def test_a_token_may_expire_on_the_london_day_on_which_it_is_made(provider, capsys):
    with time_machine.travel(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), tick=False):
        call_command("create_api_token", "Ambition", "--expires", "2026-07-01")
        secret = capsys.readouterr().out.strip()
        assert authenticate(secret=secret, at=timezone.now()) is not None
        with pytest.raises(CommandError, match="past"):
            call_command("create_api_token", "Ambition", "--expires", "2026-06-30")


def test_a_listed_token_tells_its_cells_in_order(provider, capsys):
    made = datetime(2026, 5, 1, 9, tzinfo=UTC)
    with time_machine.travel(made, tick=False):
        call_command(
            "create_api_token", "Ambition", "--expires", "2026-09-30", "--description", "CRM"
        )
        secret = capsys.readouterr().out.strip()
    authenticate(secret=secret, at=made + timedelta(hours=1))
    token = ApiToken.objects.get()
    with time_machine.travel(made + timedelta(days=1), tick=False):
        call_command("revoke_api_token", str(token.id))
    capsys.readouterr()
    call_command("list_api_tokens")
    assert capsys.readouterr().out.rstrip("\n").split("\t") == [
        str(token.id),
        "Ambition",
        "CRM",
        "2026-05-01T09:00:00Z",
        "2026-05-01T10:00:00Z",
        "2026-09-30",
        "2026-05-02T09:00:00Z",
    ]
