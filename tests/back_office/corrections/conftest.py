"""A caseworker at the pages of corrections, and the provider's client at the same time."""

from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from npq_portal.back_office.corrections.picture import picture_of
from npq_portal.back_office.models import Correction
from participants.models import ApplicationEvent, Participant
from tests.factories.schedules import CohortFactory, MilestoneFactory, ScheduleFactory
from tests.participants.corrections.conftest import (  # noqa: F401 - fixtures
    NOW,
    WHY,
    api,
    enrol,
    enrolment,
    member_of_staff,
    other_provider,
    senior,
    whole_data,
)

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def spring(db):
    """Return another schedule of the group."""
    schedule = ScheduleFactory(identifier="npq-leadership-spring")
    MilestoneFactory(schedule=schedule, start_date=date(2021, 11, 15))
    return schedule


@pytest.fixture
def next_autumn(db):
    """Return the schedule of the next cohort."""
    schedule = ScheduleFactory(cohort=CohortFactory(start_year=2022))
    MilestoneFactory(schedule=schedule, start_date=date(2022, 11, 1))
    return schedule


def page_of(kind, record):
    return reverse("admin:back_office_correction_make", args=[kind, record.pk])


def undo_page_of(correction):
    return reverse("admin:back_office_correction_undo", args=[correction.pk])


class Desk:
    """A caseworker who fills in forms, looks at previews and confirms them."""

    def __init__(self, user):
        self.user = user
        self.client = Client()
        self.client.force_login(user, BACKEND)

    def preview(self, path, *, why=WHY, **values):
        answer = self.client.post(path, {"reason": why, **values})
        assert answer.status_code == 200
        return answer

    def confirm(self, path, previewed, *, why=WHY, **values):
        effect = previewed.context["effect"]
        assert effect is not None, previewed.context["form"].errors
        seen = {"seen": effect.fingerprint}
        return self.client.post(path, {"reason": why, **values, **seen})

    def make(self, path, **values):
        """Preview and confirm; return the correction that is kept."""
        answer = self.confirm(path, self.preview(path, **values), **values)
        assert answer.status_code == 302, answer.context["form"].errors
        return Correction.objects.latest("id")

    def correct(self, kind, record, **values):
        return self.make(page_of(kind, record), **values)

    def undo(self, correction):
        return self.make(undo_page_of(correction))


@pytest.fixture
def caseworker(member):
    return Desk(member("caseworker", username="casey"))


@pytest.fixture
def colleague(member):
    return Desk(member("caseworker", username="robin"))


def picture():
    return picture_of(Participant.objects.values_list("pk", flat=True))


def facts():
    return {key: fact.value for key, fact in picture().facts.items()}


def counts():
    return (picture(), Correction.objects.count(), ApplicationEvent.objects.count())


def told(answer):
    """Return what a page says is wrong, in one text."""
    return answer.context["form"].errors.as_text()
