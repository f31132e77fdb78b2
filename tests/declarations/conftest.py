from datetime import UTC, date, datetime

import pytest

from declarations.services import Submission, open_statement, record_declaration
from npq_portal.errors import Refusals
from npq_portal.history import Actor
from tests.factories.participants import EnrolmentFactory

BY = Actor(command="test")
AT = datetime(2022, 1, 10, 12, tzinfo=UTC)


@pytest.fixture
def enrolment(db):
    return EnrolmentFactory()


@pytest.fixture
def declare():
    def record(enrolment, *, by_provider=None, at=AT, refusals=None, **changes):
        values = {
            "participant_id": enrolment.participant_id,
            "declaration_type": "started",
            "declaration_date": datetime(2021, 12, 1, 10, tzinfo=UTC),
            "course_identifier": enrolment.course.identifier,
            "has_passed": None,
            **changes,
        }
        return record_declaration(
            lead_provider=by_provider or enrolment.lead_provider,
            submission=Submission(**values),
            refusals=refusals or Refusals(),
            by=BY,
            at=at,
        )

    return record


@pytest.fixture
def opened():
    def opened_statement(
        provider=None,
        *,
        cohort=2021,
        period="March 2022",
        deadline=date(2022, 2, 25),
        at=AT,
    ):
        return open_statement(
            cohort=cohort,
            period=period,
            deadline=deadline,
            payment=date(2022, 12, 25),
            lead_provider=provider,
            by=BY,
            at=at,
        )

    return opened_statement
