"""Imports after corrections: what staff moved or merged is known all the same (rules 11.7)."""

import pytest

from participants.models import Application
from participants.services.corrections import (
    change_course,
    correct_details,
    merge_participants,
    move_enrolment,
    transfer_application,
)
from participants.services.importing import import_applications
from tests.factories.participants import ParticipantFactory
from tests.factories.schedules import CohortFactory, ScheduleFactory
from tests.participants.corrections.conftest import BY, NOW, TRN

TRN_CELLS = {
    "teacher_reference_number": TRN["teacher_reference_number"],
    "teacher_reference_number_validated": "true",
}


@pytest.fixture
def duplicate(enrolment):
    return enrolment.participant


@pytest.fixture
def known_by_trn(duplicate):
    for name, value in TRN.items():
        setattr(duplicate, name, value)
    duplicate.save()
    return duplicate


@pytest.fixture
def load(enrolment, senior):
    """Return a function that imports a row about somebody who applies for another course."""

    def load_row(full_name, **cells):
        row = {
            "full_name": full_name,
            "email": "other@example.org",
            "provider": str(enrolment.lead_provider),
            "course_identifier": str(senior),
            "cohort": "2021",
            **cells,
        }
        return import_applications([",".join(row), ",".join(row.values())], by=BY, at=NOW)

    return load_row


@pytest.fixture
def survivor(db):
    return ParticipantFactory.create()


@pytest.fixture
def merge(correct):
    def call(duplicate, survivor):
        ids = {"from_participant_id": duplicate.pk, "into_participant_id": survivor.pk}
        return correct(merge_participants, **ids)

    return call


@pytest.mark.parametrize("by_id", [True, False])
def test_an_import_takes_an_old_id_or_trn_for_who_is_left(
    merge, known_by_trn, survivor, load, by_id
):
    merge(known_by_trn, survivor)
    cells = {"participant_id": str(known_by_trn.pk)} if by_id else TRN_CELLS
    report = load(known_by_trn.full_name, **cells)
    assert (report.imported, report.new_participants) == (1, 0)
    assert {it.participant for it in Application.objects.all()} == {survivor}


def test_the_trn_of_a_record_that_was_merged_away_is_nobodys_once_the_survivor_has_another(
    correct, merge, known_by_trn, survivor, load
):
    merge(known_by_trn, survivor)
    correct(
        correct_details,
        participant_id=survivor.pk,
        full_name=survivor.full_name,
        email=survivor.email,
        teacher_reference_number="7654322",
        teacher_reference_number_validated=True,
    )
    report = load("Ada King", **TRN_CELLS)
    assert (report.imported, report.new_participants) == (1, 1)


def test_a_second_run_of_a_file_changes_nothing_after_a_merger(
    merge, enrolment, duplicate, survivor
):
    merge(duplicate, survivor)
    row = f"{duplicate.full_name},{duplicate.email},{enrolment.lead_provider},npq-headship,2021"
    lines = ["full_name,email,provider,course_identifier,cohort", row]
    assert import_applications(lines, by=BY, at=NOW).skipped == 1
    assert Application.objects.count() == 1


def test_nor_does_it_after_a_move_to_another_provider_course_and_cohort(
    correct, enrolment, other_provider, senior
):
    row = f"Ada,{enrolment.participant.email},{enrolment.lead_provider},npq-headship,2021"
    lines = ["full_name,email,provider,course_identifier,cohort", row]
    one = {"application_id": enrolment.pk}
    schedule = ScheduleFactory(cohort=CohortFactory(start_year=2022))
    correct(transfer_application, lead_provider_id=other_provider.pk, **one)
    correct(change_course, course=senior.identifier, **one)
    correct(move_enrolment, schedule=schedule, **one)
    assert import_applications(lines, by=BY, at=NOW).skipped == 1
    lines[1] = row.replace("headship", "senior-leadership")
    assert import_applications(lines, by=BY, at=NOW).imported == 1
