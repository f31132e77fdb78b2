"""Finding a participant, and lists that stay fast (rules 13.6)."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from declarations.signals import completion_declared
from npq_portal.admin import BoundedPaginator
from npq_portal.back_office.admin.participants import ParticipantAdmin
from participants.models import Application
from tests.factories.back_office import ProviderRequestFactory
from tests.factories.participants import (
    ApplicationFactory,
    EnrolmentFactory,
    ParticipantFactory,
    ParticipantIdChangeFactory,
)
from tests.factories.providers import LONG_AGO, LeadProviderFactory
from tests.factories.schedules import CohortFactory, CourseFactory, ScheduleFactory
from tests.outcomes.rows import AT, BY, completed

PEOPLE = reverse("admin:participants_participant_changelist")


def page_of(participant, record=""):
    page = reverse("admin:participants_participant_change", args=[participant.pk])
    return f"{page}#{record}" if record else page


@pytest.fixture
def find(admin_client):
    """Return a function that answers where a search leads, or whom it lists."""

    def ask(question, **more):
        answer = admin_client.get(PEOPLE, {"q": question, **more})
        if answer.status_code == 302:
            return answer["Location"]
        assert answer.status_code == 200
        return [it.full_name for it in answer.context["cl"].result_list]

    return ask


@pytest.fixture
def sian(db):
    return ParticipantFactory.create(
        full_name="Siân Ó Dálaigh", email="sian@example.org", teacher_reference_number="1234567"
    )


@pytest.mark.parametrize(
    "question",
    ["sian dalaigh", "SIÂN", " Dálaigh, Siân ", "Sian@Example.ORG", "1234567", "12345"],
)
def test_the_only_one_found_is_gone_to(find, sian, question):
    ParticipantFactory.create(full_name="Ada Lovelace")
    assert find(question) == page_of(sian)


def test_several_are_listed_in_the_order_of_the_alphabet(find, sian):
    ParticipantFactory.create(full_name="Sian Able", email="a@example.org")
    assert find("sian") == ["Sian Able", "Siân Ó Dálaigh"]
    assert find("nobody") == find("'") == []


def test_a_merged_record_is_found_and_leads_to_the_one_that_stays(find, sian):
    for name in ("Sian Daly", "Siân Daley"):
        merged = ParticipantFactory.create(full_name=name, teacher_reference_number="1234567")
        ParticipantIdChangeFactory.create(from_participant=merged, survivor=sian)
    assert find("1234567") == find("sian") == find("daly") == page_of(sian)
    assert find(str(merged.pk)) == page_of(merged, f"participant-{merged.pk}")


def test_a_list_says_which_records_were_merged_and_into_which(admin_client, find, sian):
    merged = ParticipantFactory.create(full_name="Sian Daly")
    ParticipantIdChangeFactory.create(from_participant=merged, survivor=sian)
    ParticipantFactory.create(full_name="Sian Able")
    assert find("sian") == ["Sian Able", "Sian Daly", "Siân Ó Dálaigh"]
    listed = admin_client.get(PEOPLE, {"q": "sian"}).content.decode()
    assert f'merged into <a href="{page_of(sian)}">Siân Ó Dálaigh</a>' in listed


def test_of_very_many_records_it_is_not_looked_whose_they_are(find, sian, monkeypatch):
    monkeypatch.setattr("npq_portal.back_office.finding.MOST_RECORDS", 2)
    for number in range(2):
        merged = ParticipantFactory.create(full_name=f"Sian {number}")
        ParticipantIdChangeFactory.create(from_participant=merged, survivor=sian)
    assert find("sian") == ["Sian 0", "Sian 1", "Siân Ó Dálaigh"]


def test_no_search_lists_everybody_even_when_there_is_one(find, sian):
    assert find("") == find(" ") == [sian.full_name]


def test_a_search_within_filters_lists_even_one(find, sian):
    validated = {"teacher_reference_number_validated__exact": "0"}
    assert find("sian", **validated) == [sian.full_name]


def test_every_id_leads_to_its_participant_and_to_its_record(find, db):
    declaration = completed()
    completion_declared.send(type(declaration), declaration=declaration, by=BY, at=AT)
    participant = declaration.application.participant
    for kind, row in (
        ("participant", participant),
        ("application", declaration.application),
        ("declaration", declaration),
        ("outcome", declaration.outcomes.get()),
        ("request", ProviderRequestFactory.create(participant=participant)),
    ):
        assert find(str(row.pk)) == page_of(participant, f"{kind}-{row.pk}")
        assert find(f" {row.pk} ".upper()) == page_of(participant, f"{kind}-{row.pk}")
    assert find("00000000-0000-4000-8000-000000000000") == []


def test_the_id_that_a_provider_was_answered_leads_to_the_participant(find, sian):
    ProviderRequestFactory.create(participant=sian, request_id="0af7651916cd43dd")
    ProviderRequestFactory.create(participant=None, request_id="of nobody")
    assert find("0af7651916cd43dd") == page_of(sian)
    assert find("of nobody") == []


def test_an_id_leads_nowhere_for_who_may_not_see_its_record(client, sian):
    staff = User.objects.create(username="staff", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_participant"))
    client.force_login(staff)
    application = ApplicationFactory.create(participant=sian)
    asked = ProviderRequestFactory.create(participant=sian, request_id="0af7651916cd43dd")
    for question in (application.pk, asked.pk, asked.request_id):
        assert client.get(PEOPLE, {"q": question}).status_code == 200
    assert client.get(PEOPLE, {"q": sian.pk}).status_code == 302


def test_nobody_is_found_by_who_may_not_see_participants(client, sian):
    client.force_login(User.objects.create(username="staff", is_staff=True))
    assert client.get(PEOPLE, {"q": "sian"}).status_code == 403


def test_participants_are_filtered_by_one_application_with_all_that_is_chosen(find, sian):
    north, south = LeadProviderFactory.create(), LeadProviderFactory.create()
    headship = CourseFactory.create()
    teaching = CourseFactory.create(identifier="npq-leading-teaching")
    EnrolmentFactory.create(participant=sian, lead_provider=north, course=headship)
    ApplicationFactory.create(participant=sian, lead_provider=south, course=teaching)
    ParticipantFactory.create(full_name="Ada Lovelace")

    def chosen(**values):
        return find("", **{name: str(getattr(it, "pk", it)) for name, it in values.items()})

    cohort, schedule = CohortFactory.create(), ScheduleFactory.create()
    both = [sian.full_name]
    assert chosen(lead_provider=north) == chosen(course=teaching) == both
    assert chosen(lead_provider=north, course=headship, cohort=cohort, schedule=schedule) == both
    assert chosen(status="pending") == chosen(training_status="active") == both
    assert chosen(lead_provider=north, course=teaching) == []
    assert chosen(status="pending", training_status="active") == []
    assert chosen(lead_provider="x") == chosen(cohort="x", status="pending") == []


def test_once_a_cohort_is_chosen_its_schedules_are_offered(admin_client, sian):
    ours = ScheduleFactory.create()
    other = ScheduleFactory.create(cohort=CohortFactory.create(start_year=2022))
    applications = reverse("admin:participants_application_changelist")
    for path, name in ((PEOPLE, "cohort"), (applications, "cohort__id__exact")):
        every = admin_client.get(path).content.decode()
        one = admin_client.get(path, {name: ours.cohort_id}).content.decode()
        assert str(other) in every
        assert str(other) not in one
        assert str(ours) in one


def test_a_list_is_counted_no_further_than_its_pages_go(admin_client, sian, monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "MOST", 2)
    ParticipantFactory.create()
    assert " 2 participants" in " ".join(admin_client.get(PEOPLE).content.decode().split())
    ParticipantFactory.create_batch(2)
    with CaptureQueriesContext(connection) as captured:
        answer = admin_client.get(PEOPLE, {"_facets": "True"})
    assert "more than 2 participants" in " ".join(answer.content.decode().split())
    assert not any("COUNT(" in it["sql"] for it in captured)
    assert any(it["sql"].endswith("LIMIT 3") for it in captured)
    assert len(answer.context["cl"].result_list) == 2


def test_the_next_page_goes_on_where_the_first_ended(admin_client, monkeypatch):
    monkeypatch.setattr(ParticipantAdmin, "list_per_page", 3)
    names = [f"Person {letter}" for letter in "abcdefgh"]
    for name in reversed(names):
        ParticipantFactory.create(full_name=name)
    for most in (100, 6):
        monkeypatch.setattr(BoundedPaginator, "MOST", most)
        for question in ("", "person"):
            shown = [
                it.full_name
                for page in (1, 2)
                for it in admin_client.get(PEOPLE, {"q": question, "p": page})
                .context["cl"]
                .result_list
            ]
            assert shown == sorted(shown)
            assert len(set(shown)) == 6
            assert question or shown == names[:6]


def test_declarations_are_filtered_by_the_period_of_their_statement(admin_client):
    declaration = completed(1, state="eligible")
    completed(2, state="eligible")
    path = reverse("admin:declarations_declaration_changelist")

    def listed(period):
        answer = admin_client.get(path, {"statement__period__id__exact": period}, follow=True)
        assert answer.status_code == 200
        return answer.context["cl"].result_list if not answer.redirect_chain else "wrong"

    assert list(listed(declaration.statement.period_id)) == [declaration]
    assert list(listed("0")) == []
    assert listed("x") == "wrong"


@pytest.mark.parametrize(
    "query",
    [
        {"application__cohort__id__exact": "1"},
        {"application__schedule__id__exact": "1"},
        {"statement__period__id__exact": "1"},
        {"o": "8"},
        {"o": "-8"},
        {"q": "00000000-0000-4000-8000-000000000000"},
        {"created_at__gte": "2024-01-01 00:00:00+00:00"},
    ],
)
def test_declarations_are_listed_in_every_order(admin_client, query):
    completed()
    path = reverse("admin:declarations_declaration_changelist")
    assert admin_client.get(path, query).status_code == 200


def test_the_list_of_participants_takes_the_same_queries_at_any_number(admin_client, sian):
    EnrolmentFactory.create(participant=sian)
    counts = []
    for more in (1, 30):
        for number in range(more):
            ParticipantIdChangeFactory.create()
            EnrolmentFactory.create(created_at=LONG_AGO + timedelta(days=number))
        with CaptureQueriesContext(connection) as captured:
            answer = admin_client.get(PEOPLE)
        counts.append(len(captured))
    assert len(answer.context["cl"].result_list) == 50
    assert counts[0] == counts[1] <= 15


def test_other_lists_are_searched_by_the_person(admin_client, sian):
    mine = EnrolmentFactory.create(participant=sian)
    EnrolmentFactory.create()
    path = reverse("admin:participants_application_changelist")
    for question in ("dalaigh si", "sian@example", "1234567", str(mine.pk), str(sian.pk)):
        found = admin_client.get(path, {"q": question}).context["cl"].queryset
        assert list(found) == [mine]
    assert len(admin_client.get(path, {"q": " "}).context["cl"].queryset) == 2


def test_an_application_is_called_by_course_and_person(sian):
    application = ApplicationFactory.create(participant=sian, course__short_name="NPQH")
    assert str(Application.objects.get(pk=application.pk)) == "NPQH of Siân Ó Dálaigh"
