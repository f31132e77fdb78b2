"""The roles of staff and what each may do, the one table of both (rules 13.1).

A role is a group of Django's. Groups follow this table whenever ``migrate`` has run; what was
given to one by other means is taken away again.
"""

from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db.models import Q, QuerySet

RECORDS = ("providers", "schedules", "participants", "declarations", "outcomes")
"""The apps whose records every role may view."""

ADMINISTRATOR = "administrator"
"""The role that keeps the list of staff."""

EDITS_OF_REFERENCE_DATA = (
    *(
        f"schedules.{may}_{what}"
        for what in ("cohort", "coursegroup", "course", "schedule", "milestone")
        for may in ("add", "change")
    ),
    "schedules.delete_milestone",
    "declarations.change_paymentperiod",
    "declarations.add_contractprice",
    "declarations.change_contractprice",
)
"""What the pages of reference data ask for (rules 14.11, 14.12)."""

ROLES: dict[str, tuple[str, ...]] = {
    "viewer": (),
    "caseworker": (
        "participants.change_participant",
        "participants.change_application",
        "declarations.change_declaration",
        "outcomes.change_outcome",
        "outcomes.change_notification",
        *EDITS_OF_REFERENCE_DATA,
        "back_office.add_correctionfile",
        "back_office.view_correction",
        "back_office.view_correctionfile",
        "back_office.view_providerrequest",
        "back_office.view_integritycheck",
    ),
    "finance": (
        "declarations.authorise_statement",
        "back_office.view_integritycheck",
    ),
    ADMINISTRATOR: (
        "auth.view_user",
        "auth.add_user",
        "auth.change_user",
        "providers.add_leadprovider",
        "providers.add_apitoken",
        "providers.revoke_apitoken",
        "providers.rotate_apitoken",
        "back_office.view_integritycheck",
    ),
}
"""What each role may do besides viewing records. A member of staff may have several."""


def keep_groups(*, using: str, apps: Apps = installed, **_signal: Any) -> None:
    """Make the groups of the roles, each with its permissions and no others.

    Receives ``post_migrate``. Permissions are made by then, or here: which receiver comes first
    depends on the order of the apps.
    """
    try:
        groups: QuerySet[Any] = QuerySet(apps.get_model("auth", "Group"), using=using)
        permissions: QuerySet[Any] = QuerySet(apps.get_model("auth", "Permission"), using=using)
    except LookupError:  # migrated back to before there were any
        return
    for label in {*RECORDS, *(_label(it) for each in ROLES.values() for it in each)}:
        create_permissions(installed.get_app_config(label), verbosity=0, using=using, apps=apps)
    for role in ROLES:
        group, _created = groups.get_or_create(name=role)
        group.permissions.set(permissions.filter(_permissions_of(role)))


def _label(permission: str) -> str:
    return permission.partition(".")[0]


def _permissions_of(role: str) -> Q:
    wanted = Q(content_type__app_label__in=RECORDS, codename__startswith="view_")
    for permission in ROLES[role]:
        label, _, codename = permission.partition(".")
        wanted |= Q(content_type__app_label=label, codename=codename)
    return wanted
