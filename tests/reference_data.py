"""The reference data that the project ships, at once, for every test that wants it.

The command looks at each value, and writes each row and its history: hundreds of tests would spend
most of their time with that.
"""

from functools import cache
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db.models import Model
from django.utils import timezone

from declarations.models import PaymentPeriod
from npq_portal.providers.models import LeadProvider
from schedules.models import Cohort, Course, CourseGroup, Milestone, Schedule

MODELS = (Cohort, CourseGroup, Course, Schedule, Milestone, PaymentPeriod)
HISTORIES = tuple(model.history.model for model in MODELS)


def load_reference_data() -> None:
    """Do what ``manage.py load_reference_data`` does to a database without any, and no provider.

    The command itself does it once; afterwards the rows that it wrote are written again.
    """
    assert not Cohort.objects.exists()
    assert not LeadProvider.objects.exists()
    if not _loaded.cache_info().currsize:
        _loaded()
        return
    for model, rows in _loaded().items():
        if model in HISTORIES:
            for row in rows:
                row.history_date = timezone.now()
        model._base_manager.bulk_create(rows)


@cache
def _loaded() -> dict[type[Model], list[Any]]:
    call_command("load_reference_data", stderr=StringIO())
    return {model: list(model._base_manager.all()) for model in (*MODELS, *HISTORIES)}
