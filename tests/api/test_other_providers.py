"""Whatever another provider has, and wherever it is named, is answered as unknown (rules 18.6)."""

from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from npq_portal.back_office.models import ProviderRequest
from npq_portal.identifiers import new_id
from participants.models import Application, Participant
from schedules.models import Cohort, Course
from tests.api.conftest import ATTRIBUTES, LONG_AGO, provider_with_token
from tests.api.places import OPERATIONS, PLACES
from tests.api.routes import ROUTES
from tests.factories.providers import LeadProviderFactory
from tests.factories.schedules import ScheduleFactory

UNKNOWN = uuid4()
WORDS = ("Quist", "zoe@other.example", "7654321", "South Training", "npq-leading-literacy")
"""What of another's data would be told apart in any answer."""


class Other:
    """Another provider with a record of each kind: of a person of its own, and of a shared one."""

    def __init__(self, call, shared):
        self.provider, self.token = provider_with_token("South Training")
        person = Participant.objects.create(
            full_name="Zoë Quist",
            email="zoe@other.example",
            teacher_reference_number="7654321",
            created_at=LONG_AGO,
            updated_at=LONG_AGO,
        )
        applications = [self.applied(call, person), self.applied(call, shared)]
        declarations = [self.declared(call, it) for it in applications]
        pending = self.applied(call, person, course="npq-leading-behaviour-culture", accept=False)
        self.ids = {
            "person": person.pk,
            "pending application": pending.pk,
            "application": applications[0].pk,
            "application of a shared person": applications[1].pk,
            "declaration": declarations[0],
            "declaration of a shared person": declarations[1],
            "statement": self.provider.statements.first().pk,
            "provider": self.provider.pk,
            "token": self.provider.tokens.get().pk,
        }
        outcomes = call("GET", "/participants/npq/outcomes", token=self.token).json()["data"]
        self.ids["outcome"] = outcomes[0]["id"]
        page = call("GET", "/npq-applications?page[per_page]=1", token=self.token)
        self.place_in_a_list = page["Link"].partition("page%5Bafter%5D=")[2].partition("&")[0][:-13]

    def applied(self, call, person, *, course="npq-leading-literacy", accept=True):
        application = Application.objects.create(
            participant=person,
            lead_provider=self.provider,
            course=Course.objects.get(identifier=course),
            cohort=Cohort.objects.get(),
            eligible_for_funding=True,
            created_at=LONG_AGO,
            updated_at=LONG_AGO,
        )
        if accept:
            path = f"/npq-applications/{application.pk}/accept"
            assert call("POST", path, token=self.token).status_code == 200
        return application

    def declared(self, call, application):
        attributes = {
            "participant_id": str(application.participant_id),
            "declaration_type": "completed",
            "declaration_date": "2022-01-25T09:00:00Z",
            "course_identifier": "npq-leading-literacy",
            "has_passed": True,
        }
        answer = call("POST", "/participant-declarations", attributes, token=self.token)
        return answer.json()["data"]["id"]


@pytest.fixture
def other(call, records, application):
    return Other(call, application.participant)


@pytest.fixture
def ask(call, records):
    """Return a function that puts an id into a place, and says what came of it."""

    def send(place, identifier):
        kind = place.path.removeprefix("/api/v1/").split("/")[0]
        url = place.url(str(identifier), records.get(kind, UNKNOWN))
        body = place.body(str(identifier), participant_id=str(records["participants"]))
        with CaptureQueriesContext(connection) as queries:
            answer = call(place.method, url, body=body)
            content = answer.getvalue().decode()
        headers = {name: it for name, it in answer.headers.items() if name != "X-Request-ID"}
        told = (answer.status_code, headers, content.replace(str(identifier), "it"))
        return told, len(queries)

    return send


def everything():
    """Return every row of the records, but for the journal of requests."""
    labels = ("participants", "declarations", "outcomes", "providers")
    models = [model for label in labels for model in apps.get_app_config(label).get_models()]
    return {model: sorted(map(repr, model._default_manager.values())) for model in models}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_id_of_another_is_answered_as_one_that_nobody_has(ask, other, operation):
    before = everything()
    for place in OPERATIONS[operation]:
        ask(place, UNKNOWN)  # the last use of the token is noted
        unknown = ask(place, UNKNOWN)
        (status, headers, content), _queries = unknown
        assert status in {200, 400, 404, 422}
        assert not any(word in content or word in str(headers) for word in WORDS)
        for kind, identifier in other.ids.items():
            assert ask(place, identifier) == unknown, f"{kind} in {place}"
    assert everything() == before


def test_a_place_in_anothers_list_is_a_place_among_ones_own(ask, other):
    places = [it for it in PLACES if it.name == "page[after]"]
    assert len(places) == 8
    for place in places:
        (status, headers, content), _queries = ask(place, other.place_in_a_list)
        assert status == 200
        assert not any(word in content or word in str(headers) for word in WORDS)
        assert not any(str(it) in content for it in other.ids.values())


def test_no_answer_about_ones_own_holds_a_word_of_anothers(call, records, other):
    for route in ROUTES:
        answer = call(route.method, route.of(records.get(route.collection, "")), ATTRIBUTES)
        told = answer.getvalue().decode() + str(answer.headers)
        assert answer.status_code in {200, 422}
        assert not any(word in told for word in WORDS)
        assert not any(str(it) in told for it in other.ids.values())


def test_the_words_would_be_told_to_the_one_whose_they_are(call, other):
    told = "".join(
        call("GET", path, token=other.token).getvalue().decode()
        for path in ("/npq-applications", "/participants/npq", "/participant-declarations.csv")
    )
    assert all(word in told for word in WORDS if word != "South Training")


def test_the_journal_tells_only_staff_whom_an_id_is_of(ask, other):
    ask(next(it for it in PLACES if it.name == "id" and it.method == "PUT"), other.ids["person"])
    assert ProviderRequest.objects.latest("id").lead_provider.name == "North Teaching School"


@pytest.mark.parametrize("of_another", [True, False])
def test_a_participant_is_in_no_cohort_of_anothers_or_pending_applications(
    call, records, provider, application, of_another
):
    """Whoever else the person is with, and in which cohort, is not theirs to know (rules 3.7)."""
    later = Application.objects.get(pk=application.pk)
    later.pk, later.cohort = new_id(), Cohort.objects.create(start_year=2022)
    later.course = Course.objects.get(identifier="npq-leading-literacy")
    if of_another:
        later.lead_provider = LeadProviderFactory.create()
        later.schedule = ScheduleFactory.create(cohort=later.cohort)
    else:
        later.status, later.training_status = "pending", None
        later.schedule = later.accepted_at = None
    later.save(force_insert=True)
    found = {
        year: len(call("GET", f"/participants/npq?filter[cohort]={year}").json()["data"])
        for year in ("2021", "2022")
    }
    assert found == {"2021": 1, "2022": 0}
