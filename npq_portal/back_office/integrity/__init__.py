"""What must be true of the live data whatever happened to it (rules 11.12).

Constraints hold most of it; these checks prove it again and add what no constraint can say. Each
check reads all rows that concern it, in pieces, so that memory does not grow with them, and yields
a plain sentence for each row that is wrong. It takes several reads, which see the same moment.
"""

from collections.abc import Iterator

from npq_portal.back_office.integrity import (
    applications,
    declarations,
    histories,
    money,
    notifications,
    outcomes,
    participants,
    payment,
    statements,
)
from npq_portal.database import one_moment
from npq_portal.progress import Watch

CHECKS = (
    *applications.CHECKS,
    *declarations.CHECKS,
    *histories.CHECKS,
    *statements.CHECKS,
    *payment.CHECKS,
    *money.CHECKS,
    *outcomes.CHECKS,
    *participants.CHECKS,
    *notifications.CHECKS,
)


def findings(*, watch: Watch = iter) -> Iterator[str]:
    """Yield a sentence for each thing that is wrong; nothing when all is well.

    ``watch`` passes on the checks. All of them see the data as of one moment; write nothing before
    the last sentence was read.
    """
    with one_moment():
        for check in watch(CHECKS):
            yield from check()
