"""Very many rows, written at once."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from npq_portal.bulk_create import bulk_create, check_references_at_once
from npq_portal.identifiers import new_id
from participants.models import ApplicationEvent, ParticipantWord
from tests.factories.participants import ApplicationFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 9, 30, 0, 5, tzinfo=UTC)
EVENT = ("application_id", "kind", "before", "after", "at", "token_id", "command", "reason")
WORD = ("participant_id", "word")


def test_rows_of_every_kind_of_value_are_kept_as_they_are():
    application: Any = ApplicationFactory()
    row: tuple[Any, ...] = (
        application.pk,
        "registered",
        {},
        {"ü\n": [None, True]},
        AT,
        None,
        "import",
        "a\tb\\",
    )
    bulk_create(ApplicationEvent, EVENT, iter([row, row]))
    events = ApplicationEvent.objects.filter(application=application, command="import")
    assert list(events.values_list(*EVENT)) == [row, row]


if connection.vendor == "postgresql":  # elsewhere nothing is copied

    def test_a_reference_to_nobody_is_refused_at_once():
        check_references_at_once()
        with pytest.raises(IntegrityError), transaction.atomic():
            bulk_create(ParticipantWord, WORD, [(new_id(), "ada")])

    def test_rows_that_come_from_a_query_are_refused_rather_than_waited_for():
        ApplicationFactory()
        words = ParticipantWord.objects.values_list(*WORD)
        with pytest.raises(RuntimeError, match="must not come from a query"), transaction.atomic():
            bulk_create(ParticipantWord, WORD, words)
        assert ParticipantWord.objects.exists()
