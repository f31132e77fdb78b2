"""Files of applications as a registration service would export them."""

import csv
import random
from collections.abc import Iterable, Iterator
from io import StringIO
from uuid import UUID

COURSES = (
    "npq-senior-leadership",
    "npq-headship",
    "npq-executive-leadership",
    "npq-early-years-leadership",
    "npq-leading-teaching-development",
    "npq-leading-teaching",
    "npq-leading-behaviour-culture",
    "npq-leading-literacy",
    "npq-additional-support-offer",
    "npq-early-headship-coaching-offer",
)
FIRST_NAMES = ("Zoë", "Siân", "Øystein", "Nguyễn", "María José", "Aoife", "Ayşe", "Łukasz", "李")
LAST_NAMES = ("O'Connor", "Smith-Jones", "Ó Dálaigh", "van der Berg", "Şahin", "Müller", "王")
ACCEPTED_AT = (
    "2021-10-30T23:30:00Z",
    "2021-10-31T00:59:59Z",  # the clock goes back an hour later
    "2021-10-31T01:00:00Z",
    "2021-12-24",
    "2021-12-25T23:59:59Z",
    "2021-12-26T00:00:00Z",
    "2022-03-27T00:59:59+00:00",  # the clock goes forward a second later
    "2022-03-27T02:00:00+01:00",
    "2022-06-01",
)
COLUMNS = (
    "application_id",
    "participant_id",
    "full_name",
    "email",
    "teacher_reference_number",
    "teacher_reference_number_validated",
    "provider",
    "course_identifier",
    "cohort",
    "status",
    "registered_at",
    "accepted_at",
    "eligible_for_funding",
    "works_in_school",
    "employer_name",
    "school_urn",
    "funding_choice",
)


def exported_rows(count: int, providers: list[str], *, seed: int = 1) -> Iterator[dict[str, str]]:
    """Yield ``count`` rows: pending and accepted, funded or not, some people with two courses."""
    chance = random.Random(seed)
    person, courses = _person(chance, 0), [""]
    for number in range(count):
        takes_second_course = len(courses) == 1 and courses[0] and chance.random() < 0.1
        if not takes_second_course:
            person, courses = _person(chance, number), []
        course = chance.choice([it for it in COURSES if it not in courses])
        courses.append(course)
        accepted = chance.random() < 0.6
        yield {
            "application_id": _uuid(chance),
            **person,
            "provider": chance.choice(providers),
            "course_identifier": course,
            "cohort": "2021",
            "status": "accepted" if accepted else "pending",
            "registered_at": "2021-09-15T08:30:00+01:00",
            "accepted_at": chance.choice(ACCEPTED_AT) if accepted else "",
            "eligible_for_funding": chance.choice(("true", "false")),
            "works_in_school": "true",
            "employer_name": "St Mary’s CofE Primary School, Bath & Wells",
            "school_urn": f"{chance.randrange(100_000, 150_000)}",
            "funding_choice": chance.choice(("school", "trust", "self", "")),
        }


def as_csv(rows: Iterable[dict[str, str]], columns: Iterable[str] = COLUMNS) -> str:
    """Return ``rows`` as the text of a file."""
    text = StringIO(newline="")
    writer = csv.DictWriter(text, list(columns))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _person(chance: random.Random, number: int) -> dict[str, str]:
    validated = chance.random() < 0.7
    return {
        "participant_id": _uuid(chance),
        "full_name": f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}",
        "email": f"Person{number}@example.org",
        "teacher_reference_number": f"{number + 1_000_000}" if validated else "",
        "teacher_reference_number_validated": "true" if validated else "",
    }


def _uuid(chance: random.Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))
