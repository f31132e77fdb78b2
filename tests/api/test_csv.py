"""Cells of CSV are the same whichever database writes them (rules 3.13)."""

import pytest
from django.db import connection

from npq_portal.api.csv_export import csv_response, written
from participants.models import Application
from participants.records import ApplicationRecord

ODD = [
    *("=1+1", "+1", "-1", "@sum", "\tTab", "\rReturn", "'=1"),
    *('Quo"te', "Com,ma", "New\nline", "Carriage\r\nreturn", "Ünïcödé ☃", " space ", "%s %% %"),
    *("", "\\.", "\\N", "NULL", "'", '"', ",", "\n"),
]


@pytest.mark.parametrize("text", ODD, ids=repr)
def test_a_cell_is_written_alike(call, application, text):
    Application.objects.update(employer_name=text, employment_role=None, works_in_school=None)
    rows = Application.objects.all()
    answered = b"".join(csv_response(ApplicationRecord, rows)).decode()
    assert answered == "".join(written(ApplicationRecord, rows))


if connection.vendor == "postgresql":  # SQLite has no time-out

    def test_an_export_may_take_longer_than_another_request(call, application):
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '1s'")
            list(csv_response(ApplicationRecord, Application.objects.all()))
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == (
                "15min",
            )  # until the transaction ends, which is the test's
            cursor.execute("RESET statement_timeout")
