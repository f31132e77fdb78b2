"""Lead providers whom several people add at once (rules 11.3, 13.4)."""

from collections import Counter
from html import unescape
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client

from npq_portal.providers.models import LeadProvider
from tests.concurrency.conftest import together
from tests.factories.providers import LeadProviderFactory

ROUNDS = 4
TAKEN = ("There is a lead provider called", "UKPRN 10000001 belongs to")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def adding(member):
    """Return a function that lets an administrator be about to add a provider."""

    def begin(name, ukprn=""):
        client = Client()
        client.force_login(member("administrator"), "django.contrib.auth.backends.ModelBackend")

        def add():
            values = {"name": name, "ukprn": ukprn}
            answer = client.post("/admin/providers/leadprovider/add/", values)
            if answer.status_code == 302:
                return "added"
            page = unescape(answer.content.decode())
            return next((it for it in TAKEN if it in page), f"{answer.status_code}: {page}")

        return add

    return begin


def commanding(name, ukprn=None):
    """Return what runs the command, and tells the id that it printed or why it was refused."""

    def create():
        out = StringIO()
        try:
            call_command("create_lead_provider", name, ukprn=ukprn, stdout=out)
        except CommandError as refused:
            return str(refused)
        return out.getvalue().strip()

    return create


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_who_add_the_same_name_one_is_told(adding, _round):
    told = Counter(together(adding("North"), adding("North")))
    assert told == {"added": 1, TAKEN[0]: 1}
    assert LogEntry.objects.filter(object_id=LeadProvider.objects.get().pk).count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_who_add_the_same_ukprn_one_is_told(adding, _round):
    told = Counter(together(adding("North", "10000001"), adding("South", "10000001")))
    assert told == {"added": 1, TAKEN[1]: 1}
    assert LeadProvider.objects.count() == LogEntry.objects.count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_commands_of_one_name_print_one_id(_round):
    told = together(commanding("North", "10000001"), commanding("North", "10000001"))
    assert told == [str(LeadProvider.objects.get().pk)] * 2


@pytest.mark.parametrize("_round", range(ROUNDS))
@pytest.mark.parametrize("known", [(), ("North", "South")], ids=["new", "completed"])
def test_of_two_commands_of_one_ukprn_one_is_refused(known, _round):
    for name in known:
        LeadProviderFactory.create(name=name)
    told = together(commanding("North", "10000001"), commanding("South", "10000001"))
    has_it = LeadProvider.objects.get(ukprn="10000001")
    refusal = f"UKPRN 10000001 belongs to {has_it}."
    assert Counter(told) == {str(has_it.pk): 1, refusal: 1}
