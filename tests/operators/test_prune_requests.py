from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from npq_portal.back_office import journal
from npq_portal.back_office.models import ProviderRequest
from tests.factories.back_office import ProviderRequestFactory
from tests.factories.providers import ApiTokenFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 30, 2, tzinfo=UTC)  # the clocks went forward the day before
MOMENT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


def ages():
    return [NOW - at for at in ProviderRequest.objects.values_list("at", flat=True)]


@pytest.mark.parametrize(("arguments", "days"), [([], 90), (["--days", "7"], 7)])
def test_what_is_older_goes_and_what_is_not_stays(capsys, arguments, days):
    limit = timedelta(days=days)
    token = ApiTokenFactory.create()
    for age in (limit * 2, limit + MOMENT, limit, limit - MOMENT, timedelta()):
        ProviderRequestFactory.create(at=NOW - age, token=token)
    call_command("prune_requests", *arguments)
    assert ages() == [limit, limit - MOMENT, timedelta()]
    call_command("prune_requests", *arguments)
    assert len(ages()) == 3
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err == "2 requests deleted.\n0 requests deleted.\n"


def test_an_interruption_keeps_what_was_done_and_the_next_run_does_the_rest(monkeypatch):
    monkeypatch.setattr(journal, "PRUNED_AT_ONCE", 2)
    token = ApiTokenFactory.create()
    for days in range(100, 105):
        ProviderRequestFactory.create(at=NOW - timedelta(days=days), token=token)
    pruning = journal.prune_requests(before=NOW)
    assert next(pruning) == 2
    assert ages() == [timedelta(days=it) for it in (102, 101, 100)]
    assert list(journal.prune_requests(before=NOW)) == [2, 1]


@pytest.mark.parametrize("days", ["-1", "x", "1.5", "", "²", "9" * 6])
def test_what_is_no_number_of_days_is_refused(days):
    with pytest.raises(CommandError, match="not a number of days"):
        call_command("prune_requests", f"--days={days}")
