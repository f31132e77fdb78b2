import pytest
from django.core.management import CommandError, call_command

from participants.models import ParticipantListing
from tests.integrity.conftest import LATER, declare, found, opened_next, void


def test_of_a_sound_record_it_says_so(paid, enrolment, capsys):
    opened_next(enrolment.lead_provider)
    void(paid)
    void(declare(enrolment, "completed", has_passed=True, at=LATER))
    call_command("check_integrity")
    assert capsys.readouterr().err == "Nothing is wrong.\n"


def test_what_is_wrong_is_listed_and_fails(enrolment, capsys):
    ParticipantListing.objects.all().delete()
    with pytest.raises(CommandError, match=r"^1 found wrong\.") as caught:
        call_command("check_integrity")
    assert caught.value.returncode == 1
    assert capsys.readouterr().out.splitlines() == found()
