"""Participants are found by what they are called now (rules 13.6)."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from npq_portal.back_office.integrity.reading import PIECE, Check
from participants.models import Participant, ParticipantWord


def _participants_are_found_by_their_words() -> Iterator[str]:
    everybody = Participant.objects.order_by("pk").iterator(PIECE)
    while people := list(islice(everybody, PIECE)):
        stored: dict[UUID, set[str]] = defaultdict(set)
        kept = ParticipantWord.objects.filter(participant__in=people)
        for participant_id, word in kept.values_list("participant_id", "word"):
            stored[participant_id].add(word)
        for person in people:
            if stored[person.pk] != person.words():
                yield f"Participant {person.pk} is found by other words than their details have."


CHECKS: tuple[Check, ...] = (_participants_are_found_by_their_words,)
