"""Times as London has them, with the name of their zone, in the back office alone (rules 13.9)."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from participants.models import Participant
from tests.factories.participants import ParticipantFactory

pytestmark = pytest.mark.django_db

SEASONS = [
    (datetime(2026, 1, 15, 23, 30, tzinfo=UTC), "15 Jan 2026, 23:30 GMT"),
    (datetime(2026, 7, 15, 23, 30, tzinfo=UTC), "16 Jul 2026, 00:30 BST"),
]


@pytest.mark.parametrize(("instant", "shown"), SEASONS)
def test_a_time_is_shown_as_london_has_it_and_says_so(instant, shown, admin_client):
    person = ParticipantFactory.create(created_at=instant)
    version = person.history.get()
    version.history_date = instant
    version.save()
    for page, args in (("changelist", []), ("history", [person.pk])):
        answer = admin_client.get(reverse(f"admin:participants_participant_{page}", args=args))
        assert shown in answer.content.decode()
    day, time = shown.split(", ")  # each on a line of its own in the timeline
    page = reverse("admin:participants_participant_change", args=[person.pk])
    timeline = admin_client.get(page).content.decode()
    assert day in timeline
    assert time in timeline


def test_every_page_says_what_the_times_are(admin_client, client):
    for path in ("/admin/", "/admin/participants/participant/", "/admin/login/"):
        answer = (client if "login" in path else admin_client).get(path)
        assert "Times are London time: GMT in winter, BST in summer." in answer.content.decode()


def test_elsewhere_it_stays_utc(admin_client, client):
    ParticipantFactory(created_at=datetime(2026, 7, 15, 23, 30, tzinfo=UTC))
    admin_client.get("/admin/")
    shown = Participant.objects.datetimes("created_at", "day")
    assert list(shown) == [datetime(2026, 7, 15, tzinfo=UTC)]
