"""What tests take for the shipped reference data is what the command loads."""

from datetime import UTC, datetime
from io import StringIO

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db import transaction

from tests.reference_data import load_reference_data

pytestmark = pytest.mark.django_db


def rows_of(load):
    """Return all rows that there are after ``load``, and take back what it wrote."""
    with transaction.atomic():
        load()
        found = {
            model._meta.label: [told(row) for row in model._base_manager.all()]
            for model in apps.get_models()
        }
        transaction.set_rollback(True)
    return found


def told(row):
    """Return the values of a row but its numbers; for another row that it names, its text."""
    return {
        field.name: str(getattr(row, field.name))
        for field in row._meta.fields
        if not field.primary_key and field.name != "id"
    }


def test_it_is_what_the_command_loads_whenever_it_is_wanted():
    rows_of(load_reference_data)
    with time_machine.travel(datetime(2022, 2, 1, 12, tzinfo=UTC), tick=False):
        expected = rows_of(lambda: call_command("load_reference_data", stderr=StringIO()))
        assert rows_of(load_reference_data) == expected
