"""The lock with which every correction of an application begins (rules 14.1)."""

from uuid import UUID

from django.db.models import Q

from npq_portal.errors import NotFound
from participants.models import Application
from participants.services.records import lock_applications, lock_holder


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
