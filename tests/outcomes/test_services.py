from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from declarations.models import Declaration
from declarations.services.listing import listing_of
from declarations.signals import completion_declared, declaration_voided
from npq_portal.errors import NotFound, Refusals, Refused
from outcomes.models import Notification, Outcome
from outcomes.services import record_outcome
from participants.models import Application
from tests.outcomes.rows import AT, BY, completed

pytestmark = pytest.mark.django_db
DAY = date(2024, 5, 1)


def post(declaration, **changes):
    application = declaration.application
    values = {
        "lead_provider": application.lead_provider,
        "participant_id": application.participant_id,
        "course_identifier": application.course.identifier,
        "state": "passed",
        "completion_date": DAY,
        "refusals": Refusals(),
        "by": BY,
        "at": AT,
    }
    return record_outcome(**{**values, **changes})


def refused(declaration, **changes):
    with pytest.raises(Refused) as caught:
        post(declaration, **changes)
    assert not Outcome.objects.exists()
    return {it.attribute: it.code for it in caught.value.refusals}


def test_records_and_moves_the_declaration():
    declaration = completed()
    later = AT + timedelta(hours=1)
    outcome = post(declaration, at=later)
    declaration.refresh_from_db()
    assert (outcome.state, outcome.completion_date, outcome.created_at) == ("passed", DAY, later)
    assert declaration.updated_at == later
    post(declaration, state="failed", at=AT)
    declaration.refresh_from_db()
    assert declaration.updated_at == later


def test_a_repeat_writes_nothing_but_an_older_outcome_is_news():
    declaration = completed()
    first = post(declaration)
    assert post(declaration, at=AT + timedelta(hours=1)) == first
    second = post(declaration, state="failed")
    third = post(declaration)
    assert first.created_at < second.created_at < third.created_at
    assert Outcome.objects.count() == 3


def test_not_found_without_accepted_application():
    declaration, other = completed(1), completed(2)
    with pytest.raises(NotFound):
        post(declaration, participant_id=uuid4())
    with pytest.raises(NotFound):
        post(declaration, lead_provider=other.lead_provider)


def test_all_refusals_at_once():
    declaration = completed(state="voided")
    assert refused(declaration, state="voided", completion_date=date(2024, 6, 2)) == {
        "state": "voided-not-postable",
        "completion_date": "date-in-future",
        "base": "no-completed-declaration",
    }
    assert refused(declaration, course_identifier=None, state=None, completion_date=None) == {
        "course_identifier": "missing",
        "state": "missing",
        "completion_date": "missing",
    }


def test_courses_refused():
    completed(2)
    declaration = completed(1, has_outcomes=False)
    assert refused(declaration) == {"course_identifier": "no-outcomes-for-course"}
    assert refused(declaration, course_identifier="x") == {"course_identifier": "unknown-course"}
    assert refused(declaration, course_identifier="course-2") == {
        "course_identifier": "no-accepted-application"
    }


def apply_again(application, *, at):
    """Let a participant withdraw and be accepted once more for the course; return that one."""
    left = {"training_status": "withdrawn", "withdrawn_at": at, "withdrawal_reason": "other"}
    Application.objects.filter(pk=application.pk).update(**left)
    again = {it.attname: getattr(application, it.attname) for it in Application._meta.fields}
    return Application.objects.create(**{**again, "id": uuid7(), "accepted_at": at})


def test_the_outcome_is_of_a_withdrawn_enrolment_where_another_has_nothing_completed():
    declaration = completed()
    apply_again(declaration.application, at=AT)
    assert post(declaration).declaration == declaration


def test_the_outcome_is_of_the_enrolment_that_is_not_withdrawn_where_both_have_completed():
    declaration = completed(state="ineligible")
    again = apply_again(declaration.application, at=AT)
    values = {it.attname: getattr(declaration, it.attname) for it in Declaration._meta.fields}
    newer = Declaration.objects.create(**{**values, "id": uuid7(), "application_id": again.pk})
    listing_of(newer).save()
    assert post(declaration).declaration == newer


def test_first_outcome_has_the_london_day():
    declaration = completed()
    completion_declared.send(sender=Declaration, declaration=declaration, by=BY, at=AT)
    outcome = Outcome.objects.get()
    assert (outcome.state, outcome.completion_date) == ("passed", date(2024, 6, 1))


@pytest.mark.parametrize(("state", "notifications"), [("passed", 1), ("failed", 0)])
def test_void_retracts_once(state, notifications):
    declaration = completed()
    post(declaration, state=state)
    for _ in range(2):
        declaration_voided.send(sender=Declaration, declaration=declaration, by=BY, at=AT)
    newest = Outcome.objects.order_by("-created_at").first()
    assert newest is not None
    assert (newest.state, newest.completion_date) == ("voided", DAY)
    assert Outcome.objects.count() == 2
    assert Notification.objects.count() == notifications


def test_the_london_day_is_the_last_on_which_a_course_can_have_ended():
    late = {"at": datetime(2024, 6, 30, 23, 30, tzinfo=UTC)}
    declaration = completed()
    tomorrow = {"completion_date": date(2024, 7, 2), **late}
    assert refused(declaration, **tomorrow) == {"completion_date": "date-in-future"}
    assert post(declaration, completion_date=date(2024, 7, 1), **late).state == "passed"
