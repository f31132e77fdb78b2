"""Tokens that several people rotate at once (rules 15.7)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from npq_portal.errors import ErrorCode, Refused
from npq_portal.history import Actor
from npq_portal.providers.models import ApiToken
from npq_portal.providers.services import rotate_api_token
from tests.factories.providers import ApiTokenFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_token_that_is_rotated_at_once_has_one_successor():
    token = ApiTokenFactory.create()

    def rotate(_number):
        try:
            by = Actor(command="test")
            return rotate_api_token(token_id=token.pk, by=by, at=timezone.now())[0].pk
        except Refused as refused:
            return refused.refusals[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        told = list(threads.map(rotate, range(6)))
    successor = ApiToken.objects.get(replaces=token)
    assert sorted(told, key=str) == sorted(
        [successor.pk, *[ErrorCode.ALREADY_ROTATED] * 5], key=str
    )
