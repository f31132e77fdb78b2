"""Whoever is stored is found, however they were stored (rules 13.6)."""

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.apps import apps

from npq_portal.history import Actor
from participants.models import Participant, ParticipantWord
from participants.services.importing import import_applications
from tests.factories.participants import ParticipantFactory
from tests.factories.providers import LeadProviderFactory
from tests.factories.schedules import CohortFactory, CourseFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2022, 1, 1, tzinfo=UTC)


def found(question):
    return [it.full_name for it in Participant.objects.found_by(question).order_by("sorted_name")]


@pytest.fixture
def sian():
    return ParticipantFactory.create(
        full_name="Siân Ó Dálaigh-Smith",
        email="Sian.OD@example.org",
        teacher_reference_number="1234567",
    )


@pytest.mark.parametrize(
    "question",
    [
        "Siân Ó Dálaigh-Smith",
        "SIAN",
        "si",
        "dalaigh sian",
        "smith",
        "dalaighsm",
        "sian.od@EXAMPLE.org",
        "sian.od@",
        "1234567",
        "12345",
        "smith 123 sian",
    ],
)
def test_somebody_is_found_by_beginnings_of_words_in_any_order(sian, question):
    ParticipantFactory.create(full_name="Ada Lovelace", teacher_reference_number="7654321")
    assert found(question) == [sian.full_name]


@pytest.mark.parametrize("question", ["ian", "sian ada", "234567", "example.org", "'", "", "%"])
def test_somebody_is_not_found_by_anything_else(sian, question):
    assert found(question) == []


def test_people_come_in_the_order_of_the_alphabet():
    for name in ("Zoë", "Émile", "Eve", "ada", "Örjan"):
        ParticipantFactory.create(full_name=f"{name} Smith")
    in_order = ["ada Smith", "Émile Smith", "Eve Smith", "Örjan Smith", "Zoë Smith"]
    assert found("smith") == in_order


@pytest.mark.parametrize("update_fields", [None, ["full_name"]])
def test_a_changed_name_is_found_and_the_former_is_not(sian, update_fields):
    sian.full_name = "Siân Jones"
    sian.save(update_fields=update_fields)
    assert found("jones") == ["Siân Jones"]
    assert found("dalaigh") == []


def test_a_change_of_something_else_leaves_the_words_alone(sian):
    ParticipantWord.objects.all().delete()
    sian.save(update_fields=["updated_at"])
    assert found("sian") == []


def test_many_created_at_once_are_found():
    Participant.objects.bulk_create(
        Participant(full_name=name, email="", created_at=NOW, updated_at=NOW)
        for name in ("Siân One", "Siân Two")
    )
    assert found("sian") == ["Siân One", "Siân Two"]


def test_imported_people_are_found():
    provider, course = LeadProviderFactory.create().name, CourseFactory.create().identifier
    CohortFactory.create()
    lines = [
        "full_name,email,provider,course_identifier,cohort",
        f"Øystein Şahin,oy@example.org,{provider},{course},2021",
    ]
    import_applications(lines, by=Actor(command="test"), at=NOW)
    assert found("sahin oystein") == ["Øystein Şahin"]


def test_those_who_were_there_before_are_found_after_the_migration(sian):
    ParticipantWord.objects.all().delete()
    Participant.objects.update(sorted_name="")
    migration = import_module("participants.migrations.0003_found_by_words")
    migration.find_everybody(apps, None)
    assert found("sian dalaigh") == [sian.full_name]
    sian.refresh_from_db()
    assert sian.sorted_name == "sian o dalaigh-smith"
