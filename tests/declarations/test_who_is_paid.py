"""Who is paid, over every combination of what it hangs on (rules 10.1 to 10.3)."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from declarations.services import reassess_declarations
from npq_portal.errors import Refusals
from participants.models import Application
from participants.services import withdraw_participant
from tests.declarations.conftest import AT, BY
from tests.factories.participants import EnrolmentFactory, ParticipantFactory

DECLARED = datetime(2021, 11, 10, 9, tzinfo=UTC)
WITHDRAWALS = {
    "never": None,
    "before the cut-off day": datetime(2021, 12, 24, 23, 59, 59, tzinfo=UTC),
    "on the cut-off day": datetime(2021, 12, 25, tzinfo=UTC),
    "after the cut-off day": datetime(2021, 12, 26, tzinfo=UTC),
}
YES_NO = (True, False)
PERSON = {"teacher_reference_number": "1234567", "teacher_reference_number_validated": True}


def withdraw(enrolment, at):
    withdraw_participant(
        lead_provider=enrolment.lead_provider,
        participant_id=enrolment.participant_id,
        course_identifier=enrolment.course.identifier,
        reason="other",
        refusals=Refusals(),
        by=BY,
        at=at,
    )


def reinstate(enrolment):
    """Undo a withdrawal, and assess again as whatever undoes it must."""
    Application.objects.filter(pk=enrolment.pk).update(
        training_status="active", withdrawn_at=None, withdrawal_reason=None
    )
    application = Application.objects.get(pk=enrolment.pk)
    reassess_declarations(application=application, by=BY, at=AT, reason="Reinstated.")


@pytest.mark.parametrize("kind", ["started", "retained-1"])
@pytest.mark.parametrize(
    ("withdrawal", "declared_first", "reinstated", "funded", "duplicate"),
    list(product(WITHDRAWALS, YES_NO, YES_NO, YES_NO, YES_NO)),
)
def test_who_is_paid(db, declare, kind, withdrawal, declared_first, reinstated, funded, duplicate):
    enrolment = EnrolmentFactory.create(
        participant=ParticipantFactory.create(**PERSON), eligible_for_funding=funded
    )
    if duplicate:
        first = EnrolmentFactory.create(participant=ParticipantFactory.create(**PERSON))
        declare(first, declaration_type=kind, declaration_date=DECLARED)
    at = WITHDRAWALS[withdrawal]
    values = {"declaration_type": kind, "declaration_date": DECLARED}
    if declared_first:
        declaration = declare(enrolment, **values, at=DECLARED + timedelta(hours=1))
    if at is not None:
        withdraw(enrolment, at)
    if not declared_first:
        declaration = declare(enrolment, **values)
    if at is not None and reinstated:
        reinstate(enrolment)
    declaration.refresh_from_db()

    left_early = withdrawal == "before the cut-off day" and not reinstated
    if duplicate or left_early:
        assert declaration.state == "ineligible"
    else:
        assert declaration.state == ("eligible" if funded else "submitted")
