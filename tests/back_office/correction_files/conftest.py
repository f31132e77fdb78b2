"""A caseworker who uploads files of corrections, and drives them as the script of the page does."""

import csv
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from npq_portal.back_office.models import CorrectionFile
from participants.models import Application
from tests.back_office.corrections.conftest import (  # noqa: F401 - fixtures
    Desk,
    frozen,
    next_autumn,
    spring,
)
from tests.factories.participants import ParticipantFactory, listed_enrolment
from tests.participants.corrections.conftest import (  # noqa: F401 - fixtures
    WHY,
    api,
    enrol,
    enrolment,
    member_of_staff,
    other_provider,
    same_person,
    senior,
    whole_data,
)

ADD = "/admin/back_office/correctionfile/add/"
HEADER = ("application_id", "withdrawn_on", "withdrawal_reason")
UNKNOWN = "00000000-0000-4000-8000-000000000000"
ALL_OR_NOTHING = {"is_all_or_nothing": "on"}


def page_of(file, name="change"):
    return reverse(f"admin:back_office_correctionfile_{name}", args=[file.pk])


def written(header, *rows):
    """Return a file with these cells."""
    text = StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def withdrawals(*applications, day="2021-12-05"):
    """Return a file that withdraws these; an id is taken as it is."""
    return written(
        HEADER,
        *((it.pk if isinstance(it, Application) else it, day, "other") for it in applications),
    )


class FileDesk:
    """A caseworker at the pages of files, with a ``desk`` for single corrections."""

    def __init__(self, user):
        self.user = user
        self.desk = Desk(user)
        self.client = self.desk.client

    def send(self, kind, content, *, why=WHY, name="corrections.csv", **values):
        file = SimpleUploadedFile(name, content, content_type="text/csv")
        return self.client.post(ADD, {"kind": kind, "file": file, "reason": why, **values})

    def upload(self, kind, content, **values):
        answer = self.send(kind, content, **values)
        assert answer.status_code == 302, answer.context["form"].errors
        return CorrectionFile.objects.get(pk=answer["Location"].split("/")[-3])

    def go_on(self, file):
        """Go on once, as the script does; return what it is told."""
        answer = self.client.post(page_of(file, "go_on"), headers={"accept": "application/json"})
        assert answer.status_code == 200
        return answer.json()

    def drive(self, file):
        """Go on to the end of what there is to do."""
        while self.go_on(file)["is_under_way"]:
            pass
        file.refresh_from_db()
        return file

    def check(self, kind, content, **values):
        return self.drive(self.upload(kind, content, **values))

    def confirm(self, file):
        return self.client.post(page_of(file, "confirm"), follow=True)

    def run(self, file):
        self.confirm(file)
        return self.drive(file)

    def look_at(self, file, **query):
        answer = self.client.get(page_of(file), query)
        assert answer.status_code == 200
        return answer


@pytest.fixture
def caseworker(member):
    return FileDesk(member("caseworker", username="casey"))


@pytest.fixture
def colleague(member):
    return FileDesk(member("caseworker", username="robin"))


def states(file):
    """Return the states of a file's rows, in order."""
    return list(file.rows.order_by("number").values_list("state", flat=True))


def refusals(file):
    """Return what the rows of a file that are refused are told, in one text for each."""
    return [" ".join(row.refusals) for row in file.rows.order_by("number") if row.refusals]


@pytest.fixture
def people(db):
    """Return three enrolments of three people."""
    return [listed_enrolment(participant=ParticipantFactory()) for _ in range(3)]
