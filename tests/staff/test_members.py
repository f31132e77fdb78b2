"""Staff who keep the list of staff (rules 13.1)."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from npq_portal.staff.members import fingerprint_of
from tests.concurrency.conftest import together
from tests.conftest import PASSWORD

USERS = "/admin/auth/user/"
NEW = {
    "username": "grace",
    "first_name": "Grace",
    "last_name": "Hopper",
    "email": "grace@example.org",
    "usable_password": "true",
    "password1": PASSWORD,
    "password2": PASSWORD,
}

pytestmark = pytest.mark.django_db


def group_ids(*roles):
    return list(Group.objects.filter(name__in=roles).values_list("pk", flat=True))


@pytest.fixture
def administrator(member, client):
    administrator = member("administrator", username="root", email="root@example.org")
    client.force_login(administrator, "django.contrib.auth.backends.ModelBackend")
    return administrator


@pytest.fixture
def save(client):
    """Return a function that posts the page of a member of staff, changed in some fields."""

    def post(user, **changes):
        values = {
            "username": user.username,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "is_active": "on" if user.is_active else "",
            "groups": [group.pk for group in user.groups.all()],
            "seen": fingerprint_of(User.objects.get(pk=user.pk)),
            **changes,
        }
        answer = client.post(f"{USERS}{user.pk}/change/", values)
        user.refresh_from_db()
        return answer

    return post


def test_the_list_says_who_has_which_role_and_came_last(administrator, client, member):
    member("viewer", "finance", username="ada")
    row = client.get(USERS).content.decode().partition(">ada<")[2].partition("</tr>")[0]
    assert "finance, viewer" in row
    assert 'field-last_login nowrap">-' in row
    assert 'alt="True"' in row


def test_the_list_and_the_form_speak_of_names_and_roles(administrator, client, member):
    ada = member("viewer", first_name="Ada", last_name="Lovelace", email="ada@example.org")
    page = client.get(USERS).content.decode()
    assert '<td class="field-name">Ada Lovelace</td>' in page
    assert "Get full name" not in page
    assert "By roles" in page
    assert "By groups" not in page
    form = client.get(f"{USERS}{ada.pk}/change/").content.decode()
    assert "finance authorises statements for payment" in form


def test_the_list_takes_as_many_queries_for_many(administrator, client, member):
    counts = []
    for _ in range(2):
        member("viewer", "finance")
        with CaptureQueriesContext(connection) as queries:
            client.get(USERS)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_administrator_invites_with_a_password(administrator, client):
    client.post(f"{USERS}add/", {**NEW, "groups": group_ids("viewer", "caseworker")})
    grace = User.objects.get(username="grace")
    assert (grace.is_staff, grace.is_active, grace.is_superuser) == (True, True, False)
    assert set(grace.groups.values_list("name", flat=True)) == {"viewer", "caseworker"}
    client.logout()
    log_in = {"username": "grace", "password": PASSWORD}
    assert client.post("/admin/login/", log_in).status_code == 302


def test_an_administrator_invites_somebody_who_signs_on_elsewhere(administrator, client):
    values = {**NEW, "usable_password": "false", "password1": "", "password2": ""}
    client.post(f"{USERS}add/", values)
    assert not User.objects.get(username="grace").has_usable_password()


@pytest.mark.parametrize("email", ["", "ROOT@example.org"])
def test_everybody_has_an_address_of_their_own(administrator, client, save, member, email):
    assert client.post(f"{USERS}add/", {**NEW, "email": email}).status_code == 200
    assert not User.objects.filter(username="grace").exists()
    ada = member("viewer", email="ada@example.org")
    save(ada, email=email)
    assert ada.email == "ada@example.org"


def test_whoever_is_deactivated_is_out_at_once(administrator, client, save, member):
    ada = member("viewer", email="ada@example.org")
    theirs = type(client)()
    theirs.force_login(ada, "django.contrib.auth.backends.ModelBackend")
    assert theirs.get("/admin/").status_code == 200
    save(ada, is_active="")
    assert theirs.get("/admin/").status_code == 302


def test_what_was_changed_is_kept_with_who_did_it(administrator, client, save, member):
    client.post(f"{USERS}add/", {**NEW, "groups": group_ids("viewer")})
    grace = User.objects.get(username="grace")
    save(grace, groups=group_ids("viewer", "finance"), is_active="", last_name="Murray")
    save(grace, groups=[])
    entries = LogEntry.objects.order_by("pk")
    assert {entry.user for entry in entries} == {administrator}
    assert [entry.get_change_message() for entry in entries] == [
        "Added. Changed roles to viewer.",
        "Changed last_name, active to no and roles to finance, viewer.",
        "Changed roles to none.",
    ]
    page = client.get(f"{USERS}{grace.pk}/history/").content.decode()
    assert "Changed roles to none." in page


def seen_by(client, user):
    """Return what the form of a member carries of what it shows."""
    page = client.get(f"{USERS}{user.pk}/change/").content.decode()
    (seen,) = re.findall(r'<input type="hidden" name="seen" value="(\w+)"', page)
    return seen


@pytest.mark.parametrize(
    "meanwhile", [{"is_active": ""}, {"groups": []}, {"last_name": "Byron"}], ids=lambda it: [*it]
)
def test_a_form_from_before_a_colleagues_change_is_refused(
    administrator, client, save, member, meanwhile
):
    ada = member("viewer", email="ada@example.org")
    form = {"groups": group_ids("viewer"), "is_active": "on", "last_name": ""}
    form |= {"first_name": "Ada", "seen": seen_by(client, ada)}
    save(ada, **meanwhile)
    answer = save(ada, **form)
    assert "Somebody changed this member of staff since you opened" in answer.content.decode()
    assert ada.first_name == ""
    assert save(ada, first_name="Ada", seen=seen_by(client, ada)).status_code == 302
    assert (ada.first_name, ada.is_active) == ("Ada", "is_active" not in meanwhile)
    entry = LogEntry.objects.latest("pk")
    assert entry.get_change_message() == "Changed first_name."


@pytest.mark.parametrize("seen", ["", "made up"])
def test_a_form_that_does_not_say_what_it_showed_is_refused(administrator, save, member, seen):
    ada = member("viewer", email="ada@example.org")
    answer = save(ada, first_name="Ada", seen=seen)
    assert "Somebody changed this member of staff since you opened" in answer.content.decode()
    assert ada.first_name == ""


@pytest.mark.parametrize("less", [{"is_active": ""}, {"groups": []}], ids=lambda it: [*it])
def test_an_administrator_is_left(administrator, save, member, less):
    inactive = member("administrator", is_active=False, email="x@example.org")
    answer = save(administrator, **less)
    assert "Nobody else is an active administrator" in answer.content.decode()
    assert administrator.is_active
    assert administrator.groups.exists()
    save(inactive, is_active="on")
    assert save(administrator, **less).status_code == 302


def test_a_superuser_is_an_administrator_who_is_left(administrator, client, save, member):
    above = member(is_superuser=True, email="above@example.org")
    assert save(administrator, groups=[]).status_code == 302
    client.force_login(above, "django.contrib.auth.backends.ModelBackend")
    answer = save(above, is_active="")
    assert "Nobody else is an active administrator" in answer.content.decode()
    assert save(above, first_name="Grace").status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_of_two_administrators_who_demote_each_other_one_stays(member, _round):
    root, toor = (member("administrator", email=f"{it}@example.org") for it in ("root", "toor"))

    def demoting(by, whom):
        client = Client()
        client.force_login(by, "django.contrib.auth.backends.ModelBackend")
        values = {"username": whom.username, "email": whom.email, "is_active": "on"}
        values["seen"] = fingerprint_of(whom)
        return lambda: client.post(f"{USERS}{whom.pk}/change/", values).status_code

    together(demoting(root, toor), demoting(toor, root))
    assert Group.objects.get(name="administrator").user_set.count() == 1


def test_roles_are_all_that_can_be_given(administrator, client, save, member):
    everything = {
        "is_superuser": "on",
        "user_permissions": list(Permission.objects.values_list("pk", flat=True)),
    }
    client.post(f"{USERS}add/", NEW | everything)
    grace = User.objects.get(username="grace")
    save(grace, **everything)
    save(administrator, **everything)
    for user in (grace, administrator):
        user.refresh_from_db()
        assert not user.is_superuser
        assert not user.user_permissions.exists()


def test_a_group_that_is_no_role_is_not_offered(administrator, save, member):
    powerful = Group.objects.create(name="everything")
    powerful.permissions.set(Permission.objects.all())
    answer = save(administrator, groups=[*group_ids("administrator"), powerful.pk])
    assert "is not one of the available choices" in answer.content.decode()
    assert "everything" not in answer.content.decode()
    assert set(administrator.groups.values_list("name", flat=True)) == {"administrator"}


def test_a_superuser_is_above_administrators(administrator, client, save, member):
    above = member(is_superuser=True, email="above@example.org")
    assert client.get(f"{USERS}{above.pk}/change/").status_code == 200
    assert save(above, is_active="").status_code == 403
    path = f"{USERS}{above.pk}/password/"
    passwords = {"password1": "another long one", "password2": "another long one"}
    assert client.get(path).status_code == client.post(path, passwords).status_code == 403
    assert above.is_active
    assert above.check_password(PASSWORD)


def test_nobody_is_deleted(administrator, client, member):
    ada = member("viewer")
    assert client.post(f"{USERS}{ada.pk}/delete/", {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [ada.pk], "post": "yes"}
    client.post(USERS, action)
    assert User.objects.filter(pk=ada.pk).exists()


def test_one_changes_ones_own_password(client, member):
    ada = member("viewer")
    client.force_login(ada, "django.contrib.auth.backends.ModelBackend")
    new = "a longer one than before"
    values = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/admin/password_change/", values).status_code == 302
    ada.refresh_from_db()
    assert ada.check_password(new)
    assert client.get("/admin/").status_code == 200


def test_a_new_password_is_another_one(client, member):
    ada = member("viewer")
    client.force_login(ada, "django.contrib.auth.backends.ModelBackend")
    values = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    page = client.post("/admin/password_change/", values).content.decode()
    assert "This is the password that you have. Choose another." in page


def test_an_administrator_sets_and_takes_anothers_password(administrator, client, member):
    ada = member("viewer")
    path = f"{USERS}{ada.pk}/password/"
    new = "a longer one than before"
    values = {"usable_password": "true", "set-password": "1", "password1": new, "password2": new}
    assert client.post(path, values).status_code == 302
    ada.refresh_from_db()
    assert ada.check_password(new)
    client.post(path, {"usable_password": "false", "unset-password": "1"})
    ada.refresh_from_db()
    assert not ada.has_usable_password()


def test_a_session_is_kept_from_scripts_and_other_sites_and_ends(client, member):
    ada = member("viewer")
    client.post("/admin/login/", {"username": ada.username, "password": PASSWORD})
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert (cookie["max-age"], cookie["expires"]) == ("", "")
    assert client.session.get_expiry_age() == timedelta(hours=12).total_seconds()
