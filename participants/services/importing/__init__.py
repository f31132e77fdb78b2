"""Bringing applications in from a file (rules 11.7).

``columns`` reads the cells, ``known`` holds what is known of the people in some rows, ``deciding``
says what each row comes to, and ``storing`` writes that. Cells are read and rows decided in a
thread of their own, which never asks the database, while that takes in what was decided before.
"""

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from django.db import transaction

from npq_portal.bulk_create import check_references_at_once
from npq_portal.history import Actor
from participants.services.identities import lock_everybody
from participants.services.importing.columns import (
    OPTIONAL,
    REQUIRED,
    ApplicationColumns,
    ApplicationRow,
)
from participants.services.importing.deciding import Additions, Decision, ImportReport
from participants.services.importing.known import Known, look_up
from participants.services.importing.storing import Storage, Table, tables_of_records
from schedules.csv_rows import Fault, read_rows
from schedules.services.keeping import keep_cohorts, keep_courses

__all__ = ["FaultyFile", "ImportReport", "import_applications"]

CHUNK = 4000
"""Rows held in memory, and looked up together."""


class FaultyFile(Exception):
    """Nothing was imported; ``faults`` say why, in the order of the rows."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.row)
        super().__init__("\n".join(map(str, self.faults)))


@transaction.atomic
def import_applications(
    lines: Iterable[str], *, dry_run: bool = False, by: Actor, at: datetime
) -> ImportReport:
    """Import the applications in the CSV ``lines`` as of ``at`` (UTC), all of them or none.

    With ``dry_run`` nothing stays written. Meanwhile other imports, corrections of details, mergers
    and edits of cohorts, courses and schedules wait (ADR 20). Raises FaultyFile with all that is
    wrong with any row.
    """
    check_references_at_once()
    lock_everybody()
    columns = ApplicationColumns(keep_cohorts(), keep_courses(), at=at)
    faults: list[Fault] = []
    report = ImportReport()
    decision = Decision(report, at=at)
    chunks = _chunks(_readable_rows(lines, columns, faults))

    def decide(rows: list[ApplicationRow], known: Known) -> tuple[Additions, list[Table]]:
        additions = decision.decide(rows, known)
        return additions, tables_of_records(additions, by=by, at=at)

    with _quick_turns(), ThreadPoolExecutor(max_workers=1) as beside:
        storage = Storage(beside, by=by, at=at)
        coming = beside.submit(next, chunks, None)
        while (rows := coming.result()) is not None:
            decided = beside.submit(decide, rows, look_up(rows))
            storage.store_what_follows()
            coming = beside.submit(next, chunks, None)
            storage.store_records(*decided.result())
        storage.store_what_follows()
    if faults:
        raise FaultyFile(faults)
    if dry_run:
        transaction.set_rollback(True)
    return report


@contextmanager
def _quick_turns() -> Iterator[None]:
    """Let threads take turns ten times as often.

    At each buffer that goes to the database, who writes would wait five milliseconds for who
    computes.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(before / 10)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _readable_rows(
    lines: Iterable[str], columns: ApplicationColumns, faults: list[Fault]
) -> Iterator[ApplicationRow]:
    for row in read_rows(lines, REQUIRED, faults, optional=OPTIONAL):
        readable = columns.read(row)
        if readable is not None:
            yield readable


def _chunks(rows: Iterator[ApplicationRow]) -> Iterator[list[ApplicationRow]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
