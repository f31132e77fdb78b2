"""Applications are imported while others are at work: as if one came after the other (11.7).

The first has done its work and not yet committed when the second begins, and waits.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, transaction

from npq_portal.back_office.correction_files.services import go_on
from npq_portal.back_office.integrity import findings
from npq_portal.errors import Refusals
from participants.models import Application, Participant
from participants.services import defer_participant
from participants.services.corrections import correct_details, merge_participants
from participants.services.importing import FaultyFile, import_applications
from schedules.services.editing import Days, edit_cohort, edit_course, edit_milestone, edit_schedule
from tests.back_office.correction_files.conftest import FileDesk, states, withdrawals
from tests.concurrency.conftest import NOW
from tests.concurrency.test_corrections import TRN, validating
from tests.concurrency.test_reference import (
    BY_PROVIDER,
    LONGEST_WAIT,
    accept,
    apart,
    in_turn,
    remove,
    until_it_waits,
)
from tests.factories.participants import ApplicationFactory, ParticipantFactory
from tests.factories.providers import LeadProviderFactory
from tests.factories.schedules import (
    CohortFactory,
    CourseFactory,
    CourseGroupFactory,
    autumn_schedule,
)
from tests.registration_service import as_csv

ACCEPTED = {"status": "accepted", "accepted_at": "2021-11-20"}
VALIDATED = {
    "teacher_reference_number": TRN["teacher_reference_number"],
    "teacher_reference_number_validated": "true",
}
HELD = "row 2, status: "


@pytest.fixture
def load(transactional_db):
    """Return a function that imports one row, for a provider of its own."""
    autumn_schedule()
    CourseFactory.create()
    provider = LeadProviderFactory.create()

    def run(**given):
        row = {
            "full_name": "Ada",
            "email": "new@example.org",
            "provider": provider.name,
            "course_identifier": "npq-headship",
            "cohort": "2021",
            **given,
        }
        return import_applications(as_csv([row], row).splitlines(True), **BY_PROVIDER)

    return run


def merge(duplicate, survivor, why):
    return merge_participants(
        from_participant_id=duplicate.pk, into_participant_id=survivor.pk, **why
    )


@pytest.fixture
def people(transactional_db):
    """Return two records by id."""
    return sorted(ParticipantFactory.create_batch(2), key=lambda it: it.pk)


@pytest.mark.parametrize("row", [{}, ACCEPTED], ids=["pending", "accepted"])
def test_a_row_about_who_is_being_merged_is_about_the_survivor(load, people, why, row):
    duplicate, survivor = people
    in_turn(
        lambda: merge(duplicate, survivor, why),
        lambda: load(participant_id=str(duplicate.pk), **row),
    )
    assert Application.objects.get().participant == survivor
    assert list(findings()) == []


@pytest.mark.parametrize("row", [{}, ACCEPTED], ids=["pending", "accepted"])
def test_a_merger_takes_what_is_being_imported_along(load, people, why, row):
    duplicate, survivor = people
    in_turn(
        lambda: load(participant_id=str(duplicate.pk), **row),
        lambda: merge(duplicate, survivor, why),
    )
    assert Application.objects.get().participant == survivor
    assert list(findings()) == []


def waiting_between(first_row, last_row, waiting):
    """Let ``waiting`` begin, and wait, between two rows of one import; return what comes of it."""
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            first_row()
            running = threads.submit(apart, waiting)
            until_it_waits(running)
            last_row()
        return running.result(LONGEST_WAIT)


def test_an_import_goes_on_to_whom_a_merger_waits_to_merge(load, people, why):
    first, last = people
    waiting_between(
        lambda: load(participant_id=str(last.pk), **ACCEPTED),
        lambda: load(participant_id=str(first.pk)),
        waiting=lambda: merge(last, first, why),
    )
    assert first.applications.count() == 2
    assert list(findings()) == []


def test_an_import_goes_on_to_the_other_record_of_whom_a_provider_waits_to_accept(load):
    records = ParticipantFactory.create_batch(2, **TRN)
    pending: Application = ApplicationFactory.create(participant=records[0])
    first, last = sorted(str(it.pk) for it in records)
    accepted = waiting_between(
        lambda: load(participant_id=last),
        lambda: load(participant_id=first),
        waiting=lambda: accept(pending),
    )
    assert accepted.status == "accepted"
    assert list(findings()) == []


def test_an_import_goes_on_to_whom_a_file_of_corrections_waits_to_correct(load, enrol, member):
    desk = FileDesk(member("caseworker", username="casey"))
    enrolments = [enrol(participant=ParticipantFactory()) for _ in range(2)]
    first, last = sorted(str(it.participant_id) for it in enrolments)
    file = desk.check("withdraw", withdrawals(*enrolments), is_all_or_nothing="on")
    desk.confirm(file)
    driven = waiting_between(
        lambda: load(participant_id=last),
        lambda: load(participant_id=first),
        waiting=lambda: go_on(file_id=file.pk, at=NOW),
    )
    assert driven.state == "done"
    assert states(file) == ["refused"] * 2  # these people are not as the preview showed them
    assert list(findings()) == []


def test_a_trn_is_not_validated_beside_who_is_being_imported_with_it(load, enrolment, why):
    refused = in_turn(
        lambda: load(**VALIDATED, **ACCEPTED),
        lambda: correct_details(**validating(enrolment.participant), **why),
    )
    assert refused == {"base": "course-held-twice"}
    assert list(findings()) == []


def test_who_is_imported_is_whom_the_trn_is_being_validated_for(load, enrolment, why):
    with pytest.raises(FaultyFile, match=HELD):
        in_turn(
            lambda: correct_details(**validating(enrolment.participant), **why),
            lambda: load(**VALIDATED, **ACCEPTED),
        )
    assert Participant.objects.get() == enrolment.participant
    assert list(findings()) == []


def test_a_new_record_of_a_person_counts_what_is_being_accepted_for_another(load):
    pending: Application = ApplicationFactory.create(participant=ParticipantFactory.create(**TRN))
    with pytest.raises(FaultyFile, match=HELD):
        in_turn(
            lambda: accept(pending),
            lambda: load(participant_id=str(pending.pk), **VALIDATED, **ACCEPTED),
        )
    assert list(findings()) == []


def test_of_two_imports_of_one_row_the_second_knows_it(load):
    report = in_turn(lambda: load(**VALIDATED, **ACCEPTED), lambda: load(**VALIDATED, **ACCEPTED))
    assert (report.imported, report.skipped) == (0, 1)
    assert Participant.objects.count() == 1
    assert list(findings()) == []


def test_of_two_imports_that_accept_one_person_for_one_course_one_does(load):
    elsewhere = LeadProviderFactory.create()
    with pytest.raises(FaultyFile, match=HELD):
        in_turn(
            lambda: load(**VALIDATED, **ACCEPTED),
            lambda: load(provider=elsewhere.name, **VALIDATED, **ACCEPTED),
        )
    assert Application.objects.count() == Participant.objects.count() == 1
    assert list(findings()) == []


def regroup(course, group, why):
    return edit_course(
        course_id=course.pk,
        identifier=course.identifier,
        name=course.name,
        short_name=course.short_name,
        group_id=group.pk,
        **why,
    )


def test_a_course_stays_in_its_group_for_what_is_being_imported(load, why):
    course, ehco = CourseFactory.create(), CourseGroupFactory.create(name="EHCO")
    refused = in_turn(lambda: load(**ACCEPTED), lambda: regroup(course, ehco, why))
    assert refused == {"group": "in-use"}
    assert list(findings()) == []


def test_what_is_imported_finds_its_course_in_another_group(load, why):
    course, ehco = CourseFactory.create(), CourseGroupFactory.create(name="EHCO")
    with pytest.raises(FaultyFile, match=HELD):
        in_turn(lambda: regroup(course, ehco, why), lambda: load(**ACCEPTED))
    assert list(findings()) == []


def test_a_cohort_keeps_its_year_for_what_is_being_imported(load, why):
    cohort = CohortFactory.create(start_year=2030)
    refused = in_turn(
        lambda: load(cohort="2030"),
        lambda: edit_cohort(cohort_id=cohort.pk, start_year=2031, **why),
    )
    assert refused == {"start_year": "in-use"}
    assert list(findings()) == []


def test_a_schedule_stays_in_its_group_for_who_is_being_imported(load, why):
    schedule, ehco = autumn_schedule(), CourseGroupFactory.create(name="EHCO")
    refused = in_turn(
        lambda: load(**ACCEPTED),
        lambda: edit_schedule(
            schedule_id=schedule.pk,
            identifier=schedule.identifier,
            group_id=ehco.pk,
            window=Days(None, None),
            **why,
        ),
    )
    assert refused["group"] == "in-use"
    assert list(findings()) == []


def test_the_last_milestone_stays_for_who_is_being_imported(load, why):
    schedule = autumn_schedule()
    schedule.milestones.exclude(declaration_type="started").delete()
    refused = in_turn(lambda: load(**ACCEPTED), lambda: remove(schedule, "started", why))
    assert refused == {"base": "in-use"}
    assert list(findings()) == []


if connection.vendor == "postgresql":  # on SQLite who writes keeps all waiting

    def test_who_waits_for_an_import_to_edit_milestones_keeps_no_provider_waiting(
        load, enrolment, why
    ):
        started = enrolment.schedule.milestones.get(declaration_type="started")
        days = {"start_date": started.start_date, "cut_off_date": date(2021, 12, 26)}

        def edit():
            return edit_milestone(milestone_id=started.pk, payment_date=None, **days, **why)

        def defer():
            return defer_participant(
                lead_provider=enrolment.lead_provider,
                participant_id=enrolment.participant_id,
                course_identifier=enrolment.course.identifier,
                reason="other",
                refusals=Refusals(),
                **BY_PROVIDER,
            )

        with ThreadPoolExecutor(2) as threads:
            with transaction.atomic():
                load(**ACCEPTED)
                editing = threads.submit(apart, edit)
                until_it_waits(editing)
                threads.submit(apart, defer).result(LONGEST_WAIT)
            editing.result(LONGEST_WAIT)
        assert list(findings()) == []
