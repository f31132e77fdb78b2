"""The locks with which every correction begins (rules 14.1)."""

from uuid import UUID

from django.db import connection
from django.db.models import Q

from npq_portal.errors import NotFound
from participants.models import Application
from participants.services.records import lock_applications, lock_holder

TRN_LOCKS = 1
"""The class of advisory locks that stand for TRNs; nothing else in the database has one."""


def lock_application(application_id: UUID) -> tuple[Application, list[Application]]:
    """Lock and return an application, and all others of the person, under whichever record.

    Raises NotFound when there is no such application.
    """
    try:
        persons = lock_holder(Application.objects.filter(pk=application_id))
    except NotFound:
        raise NotFound(f"There is no application {application_id}.") from None
    locked = lock_applications(
        Application.objects.filter(Q(pk=application_id) | Q(participant__in=persons))
    )
    application = next(it for it in locked if it.pk == application_id)
    return application, [it for it in locked if it.pk != application_id]


def lock_trn(number: str) -> None:
    """Let nobody else give a TRN, seven digits, to a record until commit.

    Before the first record has it there is no row to lock. SQLite needs none: there writers come
    one by one.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TRN_LOCKS, int(number)])
