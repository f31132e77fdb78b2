"""Lead providers and their tokens in the back office (rules 13.4)."""

import logging
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from npq_portal.clock import london_day
from npq_portal.history import Actor
from npq_portal.providers.models import ApiToken, ApiTokenEvent, LeadProvider
from npq_portal.providers.services import authenticate, create_api_token
from tests.factories.providers import LeadProviderFactory

PROVIDERS, TOKENS = "/admin/providers/leadprovider/", "/admin/providers/apitoken/"
UNSEEN = [
    "\t",
    "\x7f",
    "\x9f",
    "\u200b",
    "\u202e",
    "\u2066",
    "\ufeff",
    "\ue000",
    "\u2028",
    "\u2029",
]
ONCE = "If you did not see it, revoke this token and create another."
pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(member, client):
    administrator = member("administrator", username="root")
    client.force_login(administrator, "django.contrib.auth.backends.ModelBackend")
    return administrator


@pytest.fixture
def provider():
    return LeadProviderFactory(name="Ambition", ukprn="10000001")


@pytest.fixture
def create(client, provider):
    def post(**values):
        values = {"new_token_id": uuid4(), "lead_provider": provider.pk, **values}
        return client.post(f"{TOKENS}add/", values)

    return post


@pytest.fixture
def rotate(client):
    def post(token, **values):
        values = {"new_token_id": uuid4(), "overlap_days": 7, **values}
        return client.post(f"{TOKENS}{token.pk}/rotate/", values)

    return post


def number_of(form):
    """Return the id that a form carries for the token it will make."""
    page = form.content.decode()
    (number,) = re.findall(r'<input type="hidden" name="new_token_id" value="([^"]+)"', page)
    return number


def secret_in(answer):
    (secret,) = re.findall(r'<code id="secret">(npq_[^<]+)</code>', answer.content.decode())
    return secret


def revoke(client, token, reason="It leaked."):
    return client.post(f"{TOKENS}{token.pk}/revoke/", {"reason": reason})


def test_a_provider_is_added_with_what_every_provider_has(administrator, client):
    client.get(PROVIDERS)
    answer = client.post(f"{PROVIDERS}add/", {"name": " North ", "ukprn": "10000002"}, follow=True)
    north = LeadProvider.objects.get(name="North", ukprn="10000002")
    assert answer.redirect_chain == [(f"{PROVIDERS}{north.pk}/change/", 302)]
    assert "North was added." in answer.content.decode()
    assert LogEntry.objects.get().user == administrator


def test_a_providers_page_says_who_added_it(administrator, client, provider):
    client.post(f"{PROVIDERS}add/", {"name": "North"})
    north = LeadProvider.objects.get(name="North")
    for row, who in ((north, "root"), (provider, "a command")):
        answer = client.get(f"{PROVIDERS}{row.pk}/change/")
        assertContains(answer, f'<div class="readonly">{who}</div>', html=True)


@pytest.mark.parametrize(
    ("name", "ukprn", "why"),
    [
        *(
            (name, "", "There is a lead provider called Ambition East.")
            for name in ("Ambition East", " ambition EAST", "Ambition  East ")
        ),
        ("AMBITION EAST", "1", "A UKPRN is eight digits."),
        ("North", "1", "A UKPRN is eight digits."),
        ("North", "10000001", "UKPRN 10000001 belongs to Ambition East."),
        ("", "", "This field is required."),
        *(
            (f"Amb{it}ition", "", "A provider&#x27;s name has 1 to 200 printable characters.")
            for it in UNSEEN
        ),
    ],
)
def test_a_provider_that_cannot_be_is_refused_at_the_field(administrator, client, name, ukprn, why):
    LeadProviderFactory(name="Ambition East", ukprn="10000001")
    answer = client.post(f"{PROVIDERS}add/", {"name": name, "ukprn": ukprn})
    assert (answer.status_code, LeadProvider.objects.count()) == (200, 1)
    assert why in answer.content.decode()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("page", "path"),
    [
        (TOKENS, ""),
        (TOKENS, "replaces__"),
        (TOKENS, "lead_provider__tokens__"),
        (PROVIDERS, "tokens__"),
        ("/admin/providers/apitokenevent/", "api_token__"),
        ("/admin/providers/apitokenevent/", "api_token__lead_provider__tokens__"),
        ("/admin/back_office/providerrequest/", "token__"),
        ("/admin/back_office/providerrequest/", "lead_provider__tokens__"),
        ("/admin/participants/applicationevent/", "token__"),
        ("/admin/declarations/statementevent/", "token__"),
    ],
)
@pytest.mark.parametrize("lookup", ["secret_hash", "secret_hash__startswith"])
def test_no_list_tells_the_letters_of_a_hash(admin_client, create, page, path, lookup):
    answer = admin_client.get(page, {f"{path}{lookup}": "d"})
    assert answer.status_code == 400


def test_a_token_works_and_is_described(administrator, create, provider):
    day = london_day(timezone.now()) + timedelta(days=1)
    answer = create(description="CRM", expires_on=day.isoformat())
    secret = secret_in(answer)
    token = authenticate(secret=secret, at=timezone.now())
    assert token.lead_provider == provider
    assert (token.description, token.expires_on) == ("CRM", day)


def test_the_secret_is_shown_in_one_answer_and_kept_nowhere(
    administrator, client, create, provider, caplog
):
    caplog.set_level(logging.DEBUG)
    with CaptureQueriesContext(connection) as queries:
        answer = create()
    secret = secret_in(answer)
    assert "no-store" in answer["Cache-Control"]
    assert secret not in str(answer.headers)
    assert secret not in caplog.text
    assert secret not in str(client.cookies)
    assert not any(secret in query["sql"] for query in queries)
    assert not any(secret in str(it.get_decoded()) for it in Session.objects.all())
    token = ApiToken.objects.get()
    for path in (TOKENS, f"{TOKENS}{token.pk}/change/", f"{TOKENS}add/", "/admin/"):
        page = client.get(path).content.decode()
        assert secret not in page
        assert token.secret_hash not in page


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"expires_on": "2020-01-01"}, "2020-01-01 is past; give today or a later day."),
        ({"expires_on": "tomorrow"}, "Enter a valid date."),
        ({"description": "a" * 201}, "at most 200 characters"),
        (
            {"lead_provider": "00000000-0000-4000-8000-000000000000"},
            "That choice is not one of the available choices.",
        ),
    ],
)
def test_a_token_that_cannot_be_is_refused_at_the_field(administrator, create, values, why):
    page = create(**values).content.decode()
    assert why in page
    assert not ApiToken.objects.exists()


def test_a_providers_page_leads_to_a_new_token_for_it(administrator, client, provider):
    path = f"{TOKENS}add/?lead_provider={provider.pk}"
    assert path in client.get(f"{PROVIDERS}{provider.pk}/change/").content.decode()
    page = client.get(path).content.decode()
    assert f'<option value="{provider.pk}" selected>Ambition</option>' in page


def test_a_token_is_revoked_with_a_reason(administrator, client, create):
    secret = secret_in(create())
    token = ApiToken.objects.get()
    path = f"{TOKENS}{token.pk}/revoke/"
    assert path in client.get(f"{TOKENS}{token.pk}/change/").content.decode()
    assert client.get(path).status_code == 200
    assert authenticate(secret=secret, at=timezone.now()) is not None
    answer = revoke(client, token)
    assert answer["Location"] == f"{TOKENS}{token.pk}/change/"
    assert authenticate(secret=secret, at=timezone.now()) is None
    assert path not in client.get(f"{TOKENS}{token.pk}/change/").content.decode()


def test_a_revoked_token_is_not_revoked_again(administrator, client, create):
    create()
    token = ApiToken.objects.get()
    revoke(client, token)
    why = f"Token {token.pk} is revoked already."
    assertContains(revoke(client, token, "Again."), why)
    answer = client.get(f"{TOKENS}{token.pk}/revoke/", follow=True)
    assertRedirects(answer, f"{TOKENS}{token.pk}/change/")
    assertContains(answer, why)
    assert ApiTokenEvent.objects.get(kind="revoked").reason == "It leaked."


def test_a_reason_has_at_most_2000_characters(administrator, client, create, rotate):
    create()
    token = ApiToken.objects.get()
    for answer in (revoke(client, token, "a" * 2001), rotate(token, reason="a" * 2001)):
        assertContains(answer, "A reason has at most 2000 characters.")
    assert ApiTokenEvent.objects.get().kind == "created"
    rotate(token, reason="a" * 2000)
    revoke(client, token, "a" * 2000)
    assert ApiTokenEvent.objects.count() == 4


def test_no_token_is_revoked_without_a_reason(administrator, client, create):
    create()
    token = ApiToken.objects.get()
    assert "This field is required." in revoke(client, token, " ").content.decode()
    assert ApiToken.objects.get().revoked_at is None


@pytest.mark.parametrize("command", ["revoke", "rotate"])
@pytest.mark.parametrize("identifier", ["00000000-0000-4000-8000-000000000000", "no-uuid"])
def test_an_unknown_token_is_not_found(administrator, client, identifier, command):
    assert client.get(f"{TOKENS}{identifier}/{command}/").status_code == 404


def test_a_token_may_be_made_to_read_only(administrator, client, create):
    create()
    create(read_only="on")
    assert list(ApiToken.objects.values_list("read_only", flat=True)) == [False, True]
    page = client.get(f"{TOKENS}?read_only__exact=1")
    assert list(page.context["cl"].queryset) == [ApiToken.objects.get(read_only=True)]


def test_a_form_that_is_sent_twice_makes_one_token_and_says_how_to_go_on(
    administrator, client, create
):
    number = number_of(client.get(f"{TOKENS}add/"))
    first, second = (create(new_token_id=number) for _ in range(2))
    token = authenticate(secret=secret_in(first), at=timezone.now())
    assert ApiToken.objects.get() == token
    assertRedirects(second, f"{TOKENS}{token.pk}/change/", fetch_redirect_response=False)
    assertContains(client.get(second["Location"]), ONCE)
    create(new_token_id=number_of(client.get(f"{TOKENS}add/")))
    assert ApiToken.objects.count() == 2


def test_a_rotation_that_is_sent_twice_leads_to_the_successor(
    administrator, client, create, rotate
):
    create()
    old = ApiToken.objects.get()
    number = number_of(client.get(f"{TOKENS}{old.pk}/rotate/"))
    first, second = (rotate(old, new_token_id=number) for _ in range(2))
    new = authenticate(secret=secret_in(first), at=timezone.now())
    assert new.replaces == old
    assertRedirects(second, f"{TOKENS}{new.pk}/change/", fetch_redirect_response=False)
    assertContains(client.get(second["Location"]), ONCE)
    assert ApiToken.objects.count() == 2


@pytest.mark.parametrize("number", ["", "no-uuid"])
def test_a_form_without_its_number_makes_nothing(administrator, client, create, number):
    assertContains(create(new_token_id=number), "Open the page again and fill it in there.")
    assert not ApiToken.objects.exists()


def test_what_was_wrong_in_a_form_is_put_right_in_the_same_form(administrator, create):
    number = str(uuid4())
    assert number_of(create(new_token_id=number, expires_on="tomorrow")) == number
    assert secret_in(create(new_token_id=number))


def test_a_token_is_rotated_and_both_pages_lead_to_each_other(
    administrator, client, create, rotate
):
    old_secret = secret_in(create(description="CRM", read_only="on"))
    old = ApiToken.objects.get()
    path = f"{TOKENS}{old.pk}/rotate/"
    assert path in client.get(f"{TOKENS}{old.pk}/change/").content.decode()
    form = client.get(path).content.decode()
    assert 'name="overlap_days" value="7"' in form
    answer = rotate(old, overlap_days=3, reason="Once a year.")
    new = authenticate(secret=secret_in(answer), at=timezone.now())
    assert (new.replaces, new.description, new.read_only) == (old, "CRM", True)
    assert "no-store" in answer["Cache-Control"]
    old.refresh_from_db()
    assert authenticate(secret=old_secret, at=timezone.now()) == old
    assert old.expires_on == london_day(timezone.now()) + timedelta(days=3)
    pages = [client.get(f"{TOKENS}{it.pk}/change/").content.decode() for it in (old, new)]
    assert f"{TOKENS}{new.pk}/change/" in pages[0]
    assert f"{TOKENS}{old.pk}/change/" in pages[1]
    assert path not in pages[0]
    assert "Once a year." in pages[0]
    event = ApiTokenEvent.objects.get(kind="rotated")
    assert (event.api_token, event.staff) == (old, administrator)


@pytest.mark.parametrize(
    ("overlap", "why"),
    [("", "This field is required."), ("-1", "greater than or equal"), ("91", "less than or")],
)
def test_an_overlap_that_cannot_be_is_refused_at_the_field(
    administrator, create, rotate, overlap, why
):
    create()
    assert why in rotate(ApiToken.objects.get(), overlap_days=overlap).content.decode()
    assert ApiToken.objects.count() == 1


def test_a_revoked_token_is_not_rotated(administrator, client, create, rotate):
    create()
    token = ApiToken.objects.get()
    revoke(client, token)
    path = f"{TOKENS}{token.pk}/rotate/"
    assert path not in client.get(f"{TOKENS}{token.pk}/change/").content.decode()
    page = rotate(token).content.decode()
    assert "is revoked or has expired; create a new one." in page
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ("revoke", "is revoked or has expired; create a new one."),
        ("rotate", "was rotated already; rotate its successor"),
    ],
)
def test_whoever_asks_to_rotate_what_cannot_be_is_told_at_once(
    administrator, client, create, end, why
):
    create()
    token = f"{TOKENS}{ApiToken.objects.get().pk}/"
    values = {"reason": "It leaked.", "overlap_days": 7, "new_token_id": uuid4()}
    client.post(f"{token}{end}/", values)
    answer = client.get(f"{token}rotate/", follow=True)
    assertRedirects(answer, f"{token}change/")
    assertContains(answer, why)


def test_who_made_and_who_revoked_a_token_is_kept_and_shown(
    administrator, client, create, provider, member
):
    create()
    token = ApiToken.objects.get()
    other = member("administrator", username="grace")
    client.force_login(other, "django.contrib.auth.backends.ModelBackend")
    revoke(client, token)
    revoke(client, token, "Again.")
    kept = ApiTokenEvent.objects.values_list("kind", "staff", "reason", "at")
    token.refresh_from_db()
    assert list(kept) == [
        ("created", administrator.pk, "", token.created_at),
        ("revoked", other.pk, "It leaked.", token.revoked_at),
    ]
    page = client.get(f"{TOKENS}{token.pk}/change/").content.decode()
    for told in ("root", "grace", "It leaked."):
        assert told in page


def test_who_may_only_look_is_offered_no_change(client, member, provider):
    client.force_login(member("viewer"), "django.contrib.auth.backends.ModelBackend")
    by = Actor(command="test")
    token, _ = create_api_token(lead_provider=provider, by=by, at=timezone.now())
    for path in (f"{TOKENS}{token.pk}/change/", f"{PROVIDERS}{provider.pk}/change/", TOKENS):
        page = client.get(path).content.decode()
        assert "revoke/" not in page
        assert "rotate/" not in page
        assert "apitoken/add/" not in page
    assert revoke(client, token).status_code == 403
    rotation = client.post(f"{TOKENS}{token.pk}/rotate/", {"overlap_days": 7})
    assert rotation.status_code == 403
    assert ApiToken.objects.get().revoked_at is None
