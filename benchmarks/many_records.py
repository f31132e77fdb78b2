"""As many records as a service has after years, made as rows of PostgreSQL.

People and the words that they are found by come from Python, all others from SELECTs over the rows
before. Cohorts follow each other in time, one provider has a third of the people, every tenth
enrolment has nothing declared yet, four in a hundred people are called Smith, and one person has
had a life of thousands of changes.
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from participants.models import Participant
from participants.words import fold

FIRST_NAMES = (
    "Zoë", "Siân", "Øystein", "Nguyễn", "María José", "Aoife", "Ayşe", "Łukasz", "John", "Joanne",
    "Mohammed", "Olivia", "Amelia", "Noah", "Chloe", "Kwame", "Priya", "Tom", "Hannah", "Imran",
)  # fmt: skip
SYLLABLES = ("ar", "ber", "cot", "den", "el", "fal", "gar", "har", "is", "ken", "lan", "mor", "nor")
START = datetime(2021, 9, 1, tzinfo=UTC)
YEARS = 5
CHANGES = 3_000

DECLARATIONS_EACH = 4.05
"""How many declarations a person has, by and large."""

LARGEST = "Provider 1"
"""The name of the largest provider; a provider's name is also its token."""

SMITHS = 0.04
COMMON = "Smith"
RARE = "Ó Dálaigh-Featherstonehaugh"

REFERENCE_DATA = """
INSERT INTO schedules_cohort (start_year) SELECT * FROM generate_series(2022, 2025);
INSERT INTO schedules_schedule (identifier, cohort_id, group_id, accepted_from, accepted_until)
    SELECT s.identifier, c.id, s.group_id, s.accepted_from, s.accepted_until
    FROM schedules_schedule s, schedules_cohort c WHERE c.start_year > 2021;
INSERT INTO schedules_milestone (schedule_id, declaration_type, start_date, cut_off_date)
    SELECT later.id, m.declaration_type, m.start_date + 365 * (c.start_year - 2021),
        m.cut_off_date + 365 * (c.start_year - 2021)
    FROM schedules_milestone m JOIN schedules_schedule s ON s.id = m.schedule_id
    JOIN schedules_schedule later ON later.identifier = s.identifier
    JOIN schedules_cohort c ON c.id = later.cohort_id WHERE c.start_year > 2021;
INSERT INTO declarations_paymentperiod
    (cohort_id, name, deadline_date, payment_date, for_every_provider)
    SELECT c.id, p.name, p.deadline_date + 365 * (c.start_year - 2021),
        p.payment_date + 365 * (c.start_year - 2021), true
    FROM declarations_paymentperiod p, schedules_cohort c WHERE c.start_year > 2021;
INSERT INTO providers_leadprovider (id, name, created_at)
    SELECT gen_random_uuid(), 'Provider ' || n, now() FROM generate_series(1, 20) n;
INSERT INTO providers_apitoken
    (id, lead_provider_id, secret_hash, description, read_only, created_at)
    SELECT gen_random_uuid(), id, encode(sha256(name::bytea), 'hex'), 'Bench', false, now()
    FROM providers_leadprovider;
INSERT INTO declarations_statement (id, lead_provider_id, period_id, state, created_at, updated_at)
    SELECT gen_random_uuid(), l.id, p.id,
        CASE WHEN p.payment_date < '2025-10-01' THEN 'paid'
             WHEN p.deadline_date < '2026-01-01' THEN 'payable' ELSE 'open' END, now(), now()
    FROM providers_leadprovider l, declarations_paymentperiod p;
"""

NUMBERED = """
CREATE TEMPORARY TABLE person AS
    SELECT id, created_at, (row_number() OVER (ORDER BY created_at, id)) - 1 AS number
    FROM participants_participant;
CREATE TEMPORARY TABLE provider AS
    SELECT l.id, t.id AS token_id, (row_number() OVER (ORDER BY l.name)) - 1 AS number
    FROM providers_leadprovider l JOIN providers_apitoken t ON t.lead_provider_id = l.id;
CREATE TEMPORARY TABLE course AS
    SELECT id, group_id, (row_number() OVER (ORDER BY identifier)) - 1 AS number
    FROM schedules_course;
CREATE TEMPORARY TABLE term AS
    SELECT cohort_id, group_id, min(id) AS schedule_id FROM schedules_schedule GROUP BY 1, 2;
CREATE TEMPORARY TABLE payday AS
    SELECT s.id, s.state, s.lead_provider_id, p.cohort_id, row_number() OVER (
        PARTITION BY s.lead_provider_id, p.cohort_id ORDER BY p.deadline_date) AS nth
    FROM declarations_statement s JOIN declarations_paymentperiod p ON p.id = s.period_id;
ANALYZE payday; ANALYZE person; ANALYZE provider; ANALYZE course; ANALYZE term;
"""

APPLICATIONS = """
INSERT INTO participants_application
    (id, participant_id, lead_provider_id, course_id, cohort_id, status, accepted_at, schedule_id,
     training_status, withdrawn_at, withdrawal_reason, eligible_for_funding, created_at, updated_at)
SELECT gen_random_uuid(), p.id, l.id, c.id, h.id, status,
    CASE WHEN status = 'accepted' THEN at + interval '9 days' END,
    CASE WHEN status = 'accepted' THEN t.schedule_id END,
    CASE WHEN status = 'accepted' THEN training END,
    CASE WHEN status = 'accepted' AND training = 'withdrawn' THEN at + interval '99 days' END,
    CASE WHEN status = 'accepted' AND training = 'withdrawn' THEN 'other' END,
    p.number % 3 > 0, at, at + interval '9 days'
FROM person p
JOIN LATERAL generate_series(0, CASE WHEN p.number % 4 = 0 THEN 1 ELSE 0 END) nth ON true
JOIN LATERAL (SELECT p.created_at + nth * interval '1 day' AS at) instant ON true
JOIN provider l ON l.number =
    CASE WHEN p.number % 10 IN (2, 5, 8) THEN 0 ELSE (p.number * 7 + nth) % 20 END
JOIN course c ON c.number = (p.number / 3 + nth) % 10
JOIN schedules_cohort h ON h.start_year =
    extract(year FROM p.created_at) - (extract(month FROM p.created_at) < 9)::int
JOIN term t ON t.cohort_id = h.id AND t.group_id = c.group_id
JOIN LATERAL (SELECT
    (ARRAY['pending', 'rejected', 'accepted'])[least((p.number * 13 + nth) % 20, 2) + 1] AS status,
    CASE WHEN p.number % 10 = 9 THEN 'withdrawn' ELSE 'active' END AS training) s ON true;
INSERT INTO participants_participantlisting
    (lead_provider_id, participant_id, participant_created_at, updated_at, is_current)
SELECT a.lead_provider_id, a.participant_id, min(p.created_at), max(a.updated_at), true
FROM participants_application a JOIN participants_participant p ON p.id = a.participant_id
WHERE a.status = 'accepted' GROUP BY 1, 2;
INSERT INTO participants_applicationevent
    (at, token_id, command, reason, kind, before, after, application_id)
SELECT created_at, NULL, 'import_applications', '', 'registered', '{}'::jsonb,
    '{"status": "pending"}'::jsonb, id
FROM participants_application
UNION ALL
SELECT a.updated_at, l.token_id, '', '', a.status, '{"status": "pending"}'::jsonb,
    jsonb_build_object('status', a.status, 'schedule', a.schedule_id::text), a.id
FROM participants_application a JOIN provider l ON l.id = a.lead_provider_id
WHERE a.status <> 'pending';
"""

DECLARATIONS = """
INSERT INTO declarations_declaration
    (id, application_id, lead_provider_id, declaration_type, declaration_date, has_passed, state,
     statement_id, created_at, updated_at)
SELECT gen_random_uuid(), a.id, a.lead_provider_id, kind, at,
    CASE WHEN kind = 'completed' THEN n % 10 < 8 END,
    standing,
    CASE WHEN standing IN ('eligible', 'payable', 'paid') THEN s.id END, at, at
FROM (SELECT *, row_number() OVER () AS n FROM participants_application
      WHERE status = 'accepted') a
JOIN LATERAL unnest(ARRAY['started', 'retained-1', 'retained-2', 'completed']) WITH ORDINALITY
    AS milestone (kind, nth) ON true
JOIN LATERAL (SELECT a.accepted_at + nth * interval '90 days' AS at) instant ON true
JOIN payday s ON s.lead_provider_id = a.lead_provider_id AND s.cohort_id = a.cohort_id
    AND s.nth = 2 * milestone.nth AND n % 10 <> 7
JOIN LATERAL (SELECT CASE WHEN n % 50 = 0 THEN 'voided' WHEN n % 3 = 0 THEN 'submitted'
    ELSE CASE s.state WHEN 'open' THEN 'eligible' ELSE s.state END END AS standing) x ON true;
INSERT INTO declarations_declarationlisting (declaration_id, lead_provider_id, created_at)
SELECT id, lead_provider_id, created_at FROM declarations_declaration;
INSERT INTO declarations_declarationevent
    (at, token_id, command, reason, from_state, to_state, statement_id, declaration_id)
SELECT d.created_at, l.token_id, '', 'Recorded.', '',
    CASE WHEN d.state IN ('payable', 'paid') THEN 'eligible' ELSE d.state END, d.statement_id, d.id
FROM declarations_declaration d JOIN provider l ON l.id = d.lead_provider_id
UNION ALL
SELECT created_at + interval '30 days', NULL, 'make_payable', 'The statement became payable.',
    'eligible', 'payable', statement_id, id
FROM declarations_declaration WHERE state IN ('payable', 'paid');
INSERT INTO outcomes_outcome
    (id, at, token_id, command, reason, state, completion_date, created_at, declaration_id)
SELECT gen_random_uuid(), d.created_at, l.token_id, '', '',
    CASE WHEN d.has_passed THEN 'passed' ELSE 'failed' END, d.declaration_date, d.created_at, d.id
FROM declarations_declaration d JOIN provider l ON l.id = d.lead_provider_id
WHERE d.has_passed IS NOT NULL;
INSERT INTO outcomes_outcomelisting (outcome_id, lead_provider_id, created_at)
SELECT o.id, l.lead_provider_id, o.created_at
FROM outcomes_outcome o JOIN declarations_declarationlisting l USING (declaration_id);
"""

HISTORY = """
INSERT INTO participants_historicalparticipant
    (id, full_name, email, teacher_reference_number, teacher_reference_number_validated, created_at,
     updated_at, history_date, history_change_reason, history_type)
SELECT id, full_name, email, teacher_reference_number, teacher_reference_number_validated,
    created_at, updated_at, created_at, 'import_applications', '+'
FROM participants_participant;
"""

BUSY_LIFE = """
INSERT INTO participants_applicationevent
    (at, token_id, command, reason, kind, before, after, application_id)
SELECT a.accepted_at + n * interval '1 hour', l.token_id, '', 'other',
    CASE WHEN mod(n, 2) = 1 THEN 'deferred' ELSE 'resumed' END, '{}', '{}', a.id
FROM participants_application a JOIN provider l ON l.id = a.lead_provider_id,
    generate_series(1, %(changes)s) n
WHERE a.id = (SELECT id FROM participants_application WHERE status = 'accepted'
    ORDER BY created_at LIMIT 1);
"""


def make_records(people: int, say: Callable[[str], None]) -> None:
    """Fill a migrated database that has the shipped reference data; tell how it goes."""
    with connection.cursor() as cursor:
        # Rows are made to fit: the checks of millions of keys would take most of the time.
        cursor.execute("SET session_replication_role = replica")
        indexes = _drop_indexes()
        makers: dict[str, Callable[[], Any]] = {
            "reference data": lambda: cursor.execute(REFERENCE_DATA),
            "people": lambda: _copy_people(people),
            "numbers": lambda: cursor.execute(NUMBERED),
            "applications": lambda: cursor.execute(APPLICATIONS),
            "declarations": lambda: cursor.execute(DECLARATIONS),
            "a busy life": lambda: cursor.execute(BUSY_LIFE, {"changes": CHANGES}),
            "indexes": lambda: cursor.execute(";".join(indexes)),
            "statistics": lambda: cursor.execute("VACUUM ANALYZE"),
        }
        for name, make in makers.items():
            started = time.perf_counter()
            make()
            say(f"made {name} in {time.perf_counter() - started:.1f} s")
        cursor.execute("SET session_replication_role = DEFAULT")


def _drop_indexes() -> list[str]:
    """Drop the indexes that no constraint needs, and return how to make them again.

    One built over all rows is done much sooner than one that grows with each.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in indexes]


def _copy_people(count: int) -> None:
    _copy(
        "participants_participant (id, full_name, sorted_name, email, folded_email,"
        " teacher_reference_number, teacher_reference_number_validated, has_former_ids,"
        " created_at, updated_at)",
        (
            (
                it.pk,
                it.full_name,
                fold(it.full_name),
                it.email,
                it.email.casefold(),
                it.teacher_reference_number,
                True,
                False,
                it.created_at,
                it.created_at,
            )
            for it in _people(count)
        ),
    )
    words = ((it.pk, word) for it in _people(count) for word in it.words())
    _copy("participants_participantword (participant_id, word)", words)
    with connection.cursor() as cursor:
        cursor.execute(HISTORY)


def _copy(into: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _people(count: int) -> Iterator[Participant]:
    """Yield the same people each time, in the order in which they came."""
    chance = random.Random(1)
    for number in range(count):
        last = COMMON if chance.random() < SMITHS else _last_name(chance)
        yield Participant(
            id=UUID(int=chance.getrandbits(128), version=4),
            full_name=f"{chance.choice(FIRST_NAMES)} {last if number else RARE}",
            email=f"Person{number}@example.org",
            teacher_reference_number=f"{1_000_000 + number}",
            created_at=START + timedelta(days=365 * YEARS) * (number / count),
        )


def _last_name(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.choice((2, 3, 4)))).capitalize()
