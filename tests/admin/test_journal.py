"""The journal of providers' write requests as staff find and read it (rules 13.5)."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from npq_portal.admin import BoundedPaginator
from tests.factories.back_office import ProviderRequestFactory
from tests.factories.participants import ParticipantFactory
from tests.factories.providers import LONG_AGO, ApiTokenFactory

pytestmark = pytest.mark.django_db

LIST = "admin:back_office_providerrequest_changelist"


@pytest.fixture
def found(admin_client):
    """Return a function that answers the rows of the list for a query."""

    def get(**query):
        answer = admin_client.get(reverse(LIST), query)
        assert answer.status_code == 200
        return list(answer.context["cl"].result_list)

    return get


@pytest.fixture
def page(admin_client):
    def get(row):
        path = reverse("admin:back_office_providerrequest_change", args=[row.pk])
        return admin_client.get(path).content.decode()

    return get


def test_only_who_may_view_requests_sees_them(client):
    row = ProviderRequestFactory.create()
    user = User.objects.create(username="someone", is_staff=True)
    client.force_login(user)
    paths = (reverse(LIST), reverse("admin:back_office_providerrequest_change", args=[row.pk]))
    assert [client.get(it).status_code for it in paths] == [403, 403]
    user.user_permissions.add(Permission.objects.get(codename="view_providerrequest"))
    assert [client.get(it).status_code for it in paths] == [200, 200]


def test_there_is_no_permission_but_to_view():
    names = Permission.objects.filter(content_type__model="providerrequest")
    assert [it.codename for it in names] == ["view_providerrequest"]


def test_html_that_was_sent_is_shown_as_text(page):
    script = "<script>alert(1)</script>"
    for sent in (script, f'{{"a": "{script}"}}'):
        html = page(ProviderRequestFactory.create(body=sent, answer=sent, path=f"/{script}"))
        assert script not in html
        assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3


def test_json_is_shown_with_a_line_for_each_value(page):
    html = page(ProviderRequestFactory.create(body='{"a":{"name":"Siân"}}', answer="{"))
    assert "{\n  &quot;a&quot;: {\n    &quot;name&quot;: &quot;Siân&quot;\n  }\n}</pre>" in html
    assert '<pre class="sent">{</pre>' in html


@pytest.mark.parametrize(
    "body", ['"\\ud800"', "[" * 10_000, "[" * 4_000 + "]" * 4_000, "1" * 9_999]
)
def test_odd_json_is_shown_too(page, body):
    assert '<pre class="sent">' in page(ProviderRequestFactory.create(body=body))


def test_a_request_is_found_by_all_of_its_id_or_path_or_of_an_id_in_it(found):
    other = ProviderRequestFactory.create(path="/api/v1/other", request_id="other")
    row = ProviderRequestFactory.create(
        participant=ParticipantFactory.create(), request_id="6F" * 16, path="/api/v1/a?b=%20c"
    )
    for term in (
        row.request_id,
        f" {row.path} ",
        row.pk,
        row.participant_id,
        row.token_id,
        row.lead_provider_id,
    ):
        assert found(q=str(term)) == [row]
    assert found(q="6F") == found(q=str(uuid4())) == []
    assert found() == [row, other]


def test_a_request_id_that_is_a_uuid_finds_its_request(found):
    for text in (str(uuid4()), str(uuid4()).upper(), uuid4().hex):
        row = ProviderRequestFactory.create(request_id=text)
        assert found(q=text) == [row]


def test_requests_are_filtered(found):
    token = ApiTokenFactory.create()
    done = ProviderRequestFactory.create(status=200, method="PUT", token=token)
    refused = ProviderRequestFactory.create(status=499, at=LONG_AGO + timedelta(days=2))
    failed = ProviderRequestFactory.create(status=500, at=LONG_AGO + timedelta(days=1))
    assert found(status_class="2") == found(method__exact="PUT") == [done]
    assert found(lead_provider__id__exact=str(token.lead_provider_id)) == [done]
    assert found(status_class="4") == [refused]
    assert found(status_class="5") == [failed]
    assert found(status_class="x") == found() == [refused, failed, done]
    with time_machine.travel(LONG_AGO + timedelta(days=2), tick=False):
        period = LONG_AGO.replace(hour=0) + timedelta(days=1)
        assert found(at__gte=str(period)) == [refused, failed]


def test_a_list_is_counted_no_further_than_it_is_shown(
    admin_client, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(BoundedPaginator, "MOST", 3)
    token = ApiTokenFactory.create()
    for _ in range(5):
        ProviderRequestFactory.create(token=token)
    with django_assert_max_num_queries(10) as captured:
        answer = admin_client.get(reverse(LIST), {"_facets": "True"})
    assert answer.context["cl"].result_count == 3
    assert not any("COUNT(" in it["sql"] for it in captured)
    assert any(it["sql"].endswith("LIMIT 4") for it in captured)
