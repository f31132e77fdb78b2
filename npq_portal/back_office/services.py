"""What changes the back office's own records."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from npq_portal.back_office.models import IntegrityCheck

FINDINGS_KEPT = 100
"""How many of a check's findings are kept word for word; all of them are counted."""

CHECKS_KEPT = 100
"""How many checks are kept; one a night makes a quarter of a year."""


@transaction.atomic
def keep_integrity_check(
    *, findings: int, first_findings: Sequence[str], started_at: datetime, ended_at: datetime
) -> IntegrityCheck:
    """Keep the result of a check for the front page, and forget the oldest (rules 11.12).

    ``findings`` counts all that was wrong; of ``first_findings`` a bounded number is kept.
    """
    check = IntegrityCheck.objects.create(
        started_at=started_at,
        ended_at=ended_at,
        findings=findings,
        first_findings=list(first_findings[:FINDINGS_KEPT]),
    )
    oldest = IntegrityCheck.objects.values("pk")[CHECKS_KEPT:]
    IntegrityCheck.objects.filter(pk__in=[row["pk"] for row in oldest]).delete()
    return check
