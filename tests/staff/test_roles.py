"""What the roles may do, and that the groups follow (rules 13.1)."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db.models import Q

from npq_portal.staff.roles import RECORDS, ROLES

pytestmark = pytest.mark.django_db


def permissions_of(role):
    rows = Permission.objects.filter(group__name=role).select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}" for row in rows}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_views_every_record_and_does_what_the_table_adds(role):
    views = Permission.objects.filter(
        Q(content_type__app_label__in=RECORDS), codename__startswith="view_"
    )
    expected = {f"{it.content_type.app_label}.{it.codename}" for it in views}
    assert permissions_of(role) == expected | set(ROLES[role])


def test_each_row_of_the_table_is_a_permission_that_there_is(django_user_model):
    superuser = django_user_model(is_superuser=True, is_active=True)
    assert set().union(*ROLES.values()) <= superuser.get_all_permissions()


def test_only_an_administrator_touches_staff_providers_and_tokens():
    for role in set(ROLES) - {"administrator"}:
        others = {it for it in permissions_of(role) if it.startswith(("auth.", "providers."))}
        assert {it.partition(".")[2].partition("_")[0] for it in others} == {"view"}
        assert not any(it.startswith("auth.") for it in others)


def test_migrating_brings_groups_back_to_the_table():
    before = {role: permissions_of(role) for role in ROLES}
    viewer = Group.objects.get(name="viewer")
    viewer.permissions.set(Permission.objects.filter(codename="change_user"))
    Group.objects.get(name="finance").delete()
    own = Group.objects.create(name="somebody else's")
    own.permissions.set(Permission.objects.filter(codename="view_user"))
    for _ in range(2):
        call_command("migrate", stdout=StringIO())
        assert {role: permissions_of(role) for role in ROLES} == before
    assert permissions_of(own.name) == {"auth.view_user"}


def test_a_member_of_staff_may_have_several_roles(member):
    both = member("caseworker", "administrator")
    assert both.has_perms(["outcomes.change_notification", "auth.add_user"])
    assert not both.is_superuser
