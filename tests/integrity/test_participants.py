from participants.models import ParticipantWord
from tests.integrity.conftest import change, found


def test_found_by_other_words_than_they_are_called_by(enrolment):
    person = enrolment.participant
    wrong = [f"Participant {person.pk} is found by other words than their details have."]
    change(person, full_name="Ada King")
    assert found() == wrong
    person.refresh_from_db()
    person.save()
    assert found() == []
    ParticipantWord.objects.all().delete()
    assert found() == wrong
