"""Several drive one file, or files about the same people, at the same moment (rules 14.16)."""

import pytest
from django.db import connection

from npq_portal.back_office.integrity import findings
from npq_portal.back_office.models import Correction, CorrectionFile
from participants.models import Application
from tests.back_office.correction_files.conftest import FileDesk, page_of, states, withdrawals
from tests.concurrency.conftest import together
from tests.factories.participants import ParticipantFactory

ROUNDS = 3


@pytest.fixture
def desk(transactional_db, member):
    return FileDesk(member("caseworker", username="casey"))


@pytest.fixture
def colleague(transactional_db, member):
    return FileDesk(member("caseworker", username="robin"))


@pytest.fixture
def people(enrol):
    return [enrol(participant=ParticipantFactory()) for _ in range(4)]


def driving(who, file):
    """Return what drives a file in a window of its own."""
    window = FileDesk(who.user)
    return lambda: window.drive(CorrectionFile.objects.get(pk=file.pk))


@pytest.mark.parametrize(
    "values", [{}, {"is_all_or_nothing": "on"}], ids=["rows", "all or nothing"]
)
@pytest.mark.parametrize("_round", range(ROUNDS))
def test_however_many_drive_a_file_each_row_is_done_once(desk, colleague, people, values, _round):
    file = desk.upload("withdraw", withdrawals(*people), **values)
    windows = [driving(it, file) for it in (desk, desk, colleague)]
    assert [it.state for it in together(*windows)] == ["checked"] * 3
    desk.confirm(file)
    assert [it.state for it in together(*windows)] == ["done"] * 3
    assert states(file) == ["done"] * 4
    assert Correction.objects.count() == 4
    assert {it.events.filter(kind="withdrawn").count() for it in people} == {1}
    assert list(findings()) == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_who_confirm_one_does(desk, colleague, people, _round):
    file = desk.check("withdraw", withdrawals(*people))
    pages = together(lambda: desk.confirm(file), lambda: colleague.confirm(file))
    told = ["confirmed already" in it.content.decode() for it in pages]
    assert sorted(told) == [False, True]
    file.refresh_from_db()
    assert file.confirmed_by == (desk, colleague)[told.index(False)].user


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_file_is_discarded_or_confirmed(desk, colleague, people, _round):
    file = desk.check("withdraw", withdrawals(*people))
    together(lambda: desk.confirm(file), lambda: colleague.client.post(page_of(file, "discard")))
    assert [it.state for it in CorrectionFile.objects.all()] in ([], ["running"])


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_files_in_opposite_orders_that_are_all_or_nothing_one_is_all(
    desk, colleague, people, _round
):
    files = [
        who.check("withdraw", withdrawals(*order), is_all_or_nothing="on")
        for who, order in ((desk, people), (colleague, people[::-1]))
    ]
    for file in files:
        desk.confirm(file)
    together(driving(desk, files[0]), driving(colleague, files[1]))
    assert sorted(map(states, files)) == [["done"] * 4, ["refused"] * 4]
    assert Correction.objects.count() == 4
    assert list(findings()) == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_row_and_a_providers_request_come_one_after_the_other(
    desk, people, at_once, token_of, _round
):
    file = desk.check("withdraw", withdrawals(*people))
    desk.confirm(file)
    person = people[0]
    path = f"/participants/npq/{person.participant_id}/defer"
    asked = {"course_identifier": person.course.identifier, "reason": "other"}
    defer = (token_of(person.lead_provider), "PUT", path, asked)

    def drive():
        driving(desk, file)()
        connection.close()

    (answer,) = at_once(defer, run=drive)
    assert (answer.status_code, states(file)[0]) in {(200, "refused"), (422, "done")}
    assert states(file)[1:] == ["done"] * 3
    assert Application.objects.filter(training_status="withdrawn").count() == states(file).count(
        "done"
    )
    assert list(findings()) == []
