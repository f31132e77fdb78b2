import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertRedirects

from declarations.models import ContractPrice, Declaration, DeclarationListing
from declarations.signals import declaration_voided
from npq_portal.back_office.models import CorrectionFileRow
from npq_portal.back_office.services import keep_integrity_check
from npq_portal.providers.models import ApiToken, ApiTokenEvent, RequestCount
from outcomes.models import Notification, OutcomeListing
from outcomes.services import record_first_outcome
from participants.models import ParticipantIdChange, ParticipantWord
from tests.factories.back_office import (
    CorrectionFactory,
    CorrectionFileRowFactory,
    ProviderRequestFactory,
)
from tests.factories.participants import ParticipantFactory
from tests.outcomes.rows import AT, BY, completed

OURS = ("providers", "schedules", "participants", "declarations", "outcomes", "back_office")
# Words, counts and places in lists are never looked at; the rows of a file of corrections are on
# its page.
WITHOUT_PAGES = {
    ParticipantWord,
    RequestCount,
    CorrectionFileRow,
    DeclarationListing,
    OutcomeListing,
}
MODELS = [
    model
    for label in OURS
    for model in apps.get_app_config(label).get_models()
    if not model.__name__.startswith("Historical") and model not in WITHOUT_PAGES
]
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda it: it._meta.label)


def make(number):
    declaration = completed(number)
    record_first_outcome(declaration=declaration, by=BY, at=AT)
    declaration_voided.send(sender=Declaration, declaration=declaration, by=BY, at=AT)
    application = declaration.application
    ContractPrice.objects.create(
        lead_provider=declaration.lead_provider,
        cohort=application.cohort,
        course=application.course,
        price_per_participant=100,
    )
    ProviderRequestFactory.create(
        token=declaration.lead_provider.tokens.get(),
        participant=declaration.application.participant,
    )
    token = ApiToken.objects.latest("id")
    ApiTokenEvent.objects.create(api_token=token, kind="created", at=AT, **BY.columns())
    notification = Notification.objects.get(outcome__declaration=declaration)
    for copy in (1, 2):
        notification.attempts.create(
            copy=copy, channel="notify", result="sent", started_at=AT, ended_at=AT
        )
    notification.resends.create(from_state="sent", reason="Asked for", at=AT, **BY.columns())
    person = application.participant
    correction = CorrectionFactory.create(participant=person, record_id=application.pk)
    CorrectionFileRowFactory.create(correction=correction)
    ParticipantIdChange.objects.create(
        from_participant=ParticipantFactory.create(),
        to_participant=person,
        survivor=person,
        at=AT,
        **BY.columns(),
    )
    keep_integrity_check(findings=1, first_findings=["It."], started_at=AT, ended_at=AT)


def url(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@each_model
def test_is_registered(model):
    assert admin.site.is_registered(model)


@each_model
def test_pages_answer_and_change_nothing(model, admin_client):
    make(1)
    row = model._default_manager.first()
    assert admin_client.get(url(model, "changelist")).status_code == 200
    answer = admin_client.get(url(model, "change", row.pk))
    assert answer.status_code == 200
    assert "0" * 63 not in answer.content.decode()
    assert admin_client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert admin_client.post(url(model, "change", row.pk), {}).status_code == 403


@each_model
def test_a_record_has_a_page_of_versions_or_none_is_offered(model, admin_client):
    make(1)
    row = model._default_manager.first()
    page, history = url(model, "change", row.pk), url(model, "history", row.pk)
    has_versions = hasattr(model, "history")
    assert (f'href="{history}"' in admin_client.get(page).content.decode()) == has_versions
    answer = admin_client.get(history)
    if has_versions:
        assert answer.status_code == 200
    else:
        assertRedirects(answer, page)


@each_model
def test_search_answers(model, admin_client):
    make(1)
    row = model._default_manager.first()
    for text in ("1", str(row.pk), "00000000-0000-4000-8000-000000000000"):
        answer = admin_client.get(url(model, "changelist"), {"q": text}, follow=True)
        assert answer.status_code == 200


@each_model
def test_queries_do_not_grow_with_rows(model, admin_client):
    counts = []
    for numbers in ((1, 2), range(3, 8)):
        for number in numbers:
            make(number)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert admin_client.get(url(model, "changelist")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("word", ["Person 2", "P2@example.org", "0000002", "id"])
def test_search_finds_the_one_asked_for(word, admin_client):
    make(1)
    make(2)
    wanted = Declaration.objects.get(application__participant__full_name="Person 2")
    person = wanted.application.participant
    term = str(person.pk) if word == "id" else word
    answer = admin_client.get(url(Declaration, "changelist"), {"q": term})
    assert list(answer.context["cl"].queryset) == [wanted]
    answer = admin_client.get(url(type(person), "changelist"), {"q": term}, follow=True)
    assert answer.context["original"] == person


def test_an_earlier_version_cannot_be_posted_back(client, member):
    person = ParticipantFactory.create(full_name="Ada Lovelace")
    client.force_login(member("viewer"), "django.contrib.auth.backends.ModelBackend")
    path = url(type(person), "simple_history", person.pk, person.history.get().pk)
    assert client.get(path).status_code == 200
    values = {"full_name": "Somebody else", "email": person.email}
    assert client.post(path, values).status_code == 403
    person.refresh_from_db()
    assert person.full_name == "Ada Lovelace"
