"""Tokens that are rotated by several people at once, or made by a double click (13.4, 15.7)."""

from collections import Counter
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from npq_portal.errors import ErrorCode, Refused
from npq_portal.history import Actor
from npq_portal.providers.models import ApiToken
from npq_portal.providers.services import rotate_api_token
from tests.concurrency.conftest import together
from tests.factories.providers import ApiTokenFactory, LeadProviderFactory

TOKENS = "/admin/providers/apitoken/"

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_token_that_is_rotated_at_once_has_one_successor():
    token = ApiTokenFactory.create()

    def rotate():
        try:
            by = Actor(command="test")
            return rotate_api_token(token_id=token.pk, by=by, at=timezone.now())[0].pk
        except Refused as refused:
            return refused.refusals[0].code

    told = Counter(together(*[rotate] * 6))
    successor = ApiToken.objects.get(replaces=token)
    assert told == {successor.pk: 1, ErrorCode.ALREADY_ROTATED: 5}


@pytest.fixture
def double_click(member):
    """Return a function that sends one form twice at the same moment, from the same session."""
    client = Client()
    client.force_login(member("administrator"), "django.contrib.auth.backends.ModelBackend")

    def send(path, **values):
        def click():
            once_more = Client()
            once_more.cookies = client.cookies
            answer = once_more.post(f"{TOKENS}{path}", values)
            return answer.status_code, answer.get("Location")

        return Counter(together(click, click))

    return send


@pytest.mark.parametrize("_round", range(4))
def test_a_double_click_creates_one_token(double_click, _round):
    provider, number = LeadProviderFactory.create(), uuid4()
    told = double_click("add/", lead_provider=provider.pk, new_token_id=number)
    assert ApiToken.objects.get().pk == number
    assert told == {(200, None): 1, (302, f"{TOKENS}{number}/change/"): 1}


@pytest.mark.parametrize("_round", range(4))
def test_a_double_click_rotates_once(double_click, _round):
    token, number = ApiTokenFactory.create(), uuid4()
    told = double_click(f"{token.pk}/rotate/", overlap_days=7, new_token_id=number)
    assert ApiToken.objects.get(replaces=token).pk == number
    assert told == {(200, None): 1, (302, f"{TOKENS}{number}/change/"): 1}
