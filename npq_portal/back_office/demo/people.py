"""The people of the demo and what they applied for, as a file to import (rules 11.8)."""

import csv
import random
from collections.abc import Iterable
from io import StringIO
from itertools import cycle, islice
from typing import NamedTuple
from uuid import UUID

from npq_portal.back_office.demo.stories import DUPLICATE, DUPLICATED, STORIES, Story
from npq_portal.identifiers import new_id

FIRST_NAMES = (
    "Aisha", "Ben", "Chloe", "Daniel", "Eleri", "Farah", "George", "Hannah", "Imran", "Jess",
    "Kwame", "Lucy", "Mei", "Niamh", "Oliver", "Priya", "Rhys", "Sofía", "Tom", "Zoë",
)  # fmt: skip
LAST_NAMES = (
    "Ahmed", "Begum", "Clarke", "Davies", "Evans", "Fernández", "Green", "Hughes", "Iqbal",
    "Jones", "Kowalska", "Lewis", "Mensah", "Ní Bhriain", "O'Neill", "Patel", "Reid", "Smith",
    "Taylor", "Wright",
)  # fmt: skip
SCHOOLS = (
    "Ashdown Primary School", "Beacon Academy", "Castle Hill School", "Deanwood Infant School",
    "Eastfield Community College",
)  # fmt: skip
COURSES = (
    "npq-senior-leadership",
    "npq-leading-teaching",
    "npq-headship",
    "npq-leading-literacy",
    "npq-executive-leadership",
    "npq-leading-behaviour-culture",
    "npq-early-years-leadership",
    "npq-leading-teaching-development",
)
COURSES_WITHOUT_OUTCOMES = ("npq-additional-support-offer", "npq-early-headship-coaching-offer")

SMALLEST = len(STORIES) + 2
"""Participants it takes to show every state."""


class Applicant(NamedTuple):
    """An application of the demo and the story it takes."""

    application_id: UUID
    participant_id: UUID
    provider: str
    course: str
    story: Story
    cells: dict[str, str]


def applicants(count: int, providers: Iterable[str]) -> list[Applicant]:
    """Return ``count`` people with an application each, or as many as it takes."""
    chance = random.Random(1)  # noqa: S311 - the same people every time
    stories = [DUPLICATED, DUPLICATE, *islice(cycle(STORIES), max(count, SMALLEST) - 2)]
    at_providers = cycle(providers)
    found = []
    for number, story in enumerate(stories):
        # The two records of one person share course and number.
        person = 0 if story is DUPLICATE else number
        course = COURSES[person % len(COURSES)]
        if person % 16 in {5, 15} and number > SMALLEST:
            course = COURSES_WITHOUT_OUTCOMES[person % 2]
        found.append(_applicant(chance, person, next(at_providers), course, story))
    return found


def as_lines(found: Iterable[Applicant], cohort: int, providers: tuple[str, ...]) -> Iterable[str]:
    """Return the file with which ``found`` come in, those of two providers twice."""
    rows = []
    for applicant in found:
        row = applicant.cells | {"cohort": str(cohort), "provider": applicant.provider}
        rows.append(row)
        if applicant.story.applies_twice:
            other = next(it for it in providers if it != applicant.provider)
            rows.append(row | {"provider": other, "application_id": str(new_id())})
    text = StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().splitlines()


def _applicant(
    chance: random.Random, person: int, provider: str, course: str, story: Story
) -> Applicant:
    application_id, participant_id = _identifier(chance), _identifier(chance)
    first = FIRST_NAMES[person % len(FIRST_NAMES)]
    last = LAST_NAMES[(person * 7 + person // len(FIRST_NAMES)) % len(LAST_NAMES)]
    validated = person % 5 != 4
    cells = {
        "application_id": str(application_id),
        "participant_id": str(participant_id),
        "full_name": f"{first} {last}",
        "email": f"participant{person + 1}@example.org",
        "teacher_reference_number": f"{2_000_000 + person}",
        "teacher_reference_number_validated": "true" if validated else "false",
        "course_identifier": course,
        "eligible_for_funding": "true" if story.funded else "false",
        "ineligible_for_funding_reason": "" if story.funded else "previously-funded",
        "funding_choice": "" if story.funded else "school",
        "works_in_school": "true",
        "employer_name": chance.choice(SCHOOLS),
        "school_urn": f"{100_000 + chance.randrange(50_000)}",
        "headteacher_status": "no",
        "email_validated": "true",
        "teacher_catchment": "true",
        "teacher_catchment_country": "United Kingdom",
        "teacher_catchment_iso_country_code": "GBR",
    }
    return Applicant(application_id, participant_id, provider, course, story, cells)


def _identifier(chance: random.Random) -> UUID:
    # Given from outside, as a registration service does, and the same in every demo, so that the
    # documentation can name them.
    return UUID(int=chance.getrandbits(128), version=4)
