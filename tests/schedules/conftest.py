"""Somebody who is on a schedule, and staff who edit it."""

import pytest

from npq_portal.history import Actor
from tests.declarations.conftest import AT, declare, enrolment, opened

__all__ = ["declare", "enrolment", "opened"]

WHY = "  A misprint in the notice.  "


@pytest.fixture
def why(member):
    return {"reason": WHY, "by": Actor(staff_id=member("caseworker").pk), "at": AT}
