"""What a token that may only read opens, over every route there is (rules 15.6)."""

from uuid import uuid4

import pytest

from npq_portal.back_office.models import ProviderRequest
from npq_portal.providers.services import create_api_token
from participants.models import Application
from tests.api.conftest import ATTRIBUTES, NOW
from tests.api.routes import READING_A_BODY, ROUTES, named
from tests.api.test_locks import BY
from tests.api.test_refusals import TOO_LARGE, refused

READING = [it for it in ROUTES if it.method == "GET"]
WRITING = [it for it in ROUTES if it.method != "GET"]
UNKNOWN = uuid4()


@pytest.fixture
def read_only(provider):
    return create_api_token(lead_provider=provider[0], read_only=True, by=BY, at=NOW)[1]


@pytest.mark.parametrize(**named(READING))
def test_it_reads_what_the_provider_reads(call, records, read_only, route):
    path = route.of(records[route.collection]) if route.takes_id else route.path
    answer, own = call("GET", path, token=read_only), call("GET", path)
    assert answer.status_code == own.status_code == 200
    assert answer.getvalue() == own.getvalue()
    assert call("HEAD", path, token=read_only).status_code == 200


@pytest.mark.parametrize(**named(WRITING))
def test_it_writes_nothing(call, records, read_only, route):
    before = list(Application.objects.values())
    ProviderRequest.objects.all().delete()
    path = route.of(records.get(route.collection, UNKNOWN))
    answer = call(route.method, path, ATTRIBUTES, token=read_only)
    assert refused(answer, 403)
    assert answer.json()["error"] == "This token may only read. Ask for one that may write."
    assert list(Application.objects.values()) == before
    assert ProviderRequest.objects.get().status == 403


@pytest.mark.parametrize(**named(WRITING))
def test_the_scope_is_asked_for_after_the_method_and_before_all_else(call, read_only, route):
    path = route.of(UNKNOWN)
    assert refused(call("PATCH", path, token=read_only), 405)
    assert refused(call(route.method, path, token=read_only, accept="text/html"), 406)
    assert refused(call(route.method, path, token=read_only), 403)
    assert refused(call(route.method, f"{path}/x/y", token=read_only), 404)
    if route in READING_A_BODY:
        assert refused(call(route.method, path, token=read_only, body=TOO_LARGE), 403)
