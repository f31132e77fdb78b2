"""Members of staff whom two add or change at once (rules 13.1)."""

from collections import Counter
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from npq_portal.staff.members import fingerprint_of
from tests.concurrency.conftest import together
from tests.concurrency.test_reference import in_turn
from tests.conftest import PASSWORD

ROUNDS = 4
USERS = "/admin/auth/user/"
TAKEN = "Another member of staff has this e-mail address."

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def posting_as():
    """Return a function that lets a member of staff be about to send a form."""

    def begin(user, path, values):
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return lambda: client.post(path, values)

    return begin


@pytest.fixture
def posting(posting_as, member):
    """Return a function that lets an administrator be about to, and tells what came of it."""

    def begin(path, values):
        send = posting_as(member("administrator"), f"{USERS}{path}", values)

        def post():
            answer = send()
            if answer.status_code == 302:
                return "saved"
            page = unescape(answer.content.decode())
            return TAKEN if TAKEN in page else f"{answer.status_code}: {page}"

        return post

    return begin


@pytest.fixture
def adding(posting):
    def begin(username, email):
        values = {"username": username, "email": email, "usable_password": "true"}
        return posting("add/", {**values, "password1": PASSWORD, "password2": PASSWORD})

    return begin


@pytest.fixture
def changing(posting):
    def begin(user, **values):
        values = {"username": user.username, "email": user.email, "is_active": "on", **values}
        return posting(f"{user.pk}/change/", {**values, "seen": fingerprint_of(user)})

    return begin


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_who_are_added_with_one_address_one_is(adding, _round):
    told = together(adding("ada", "ada@example.org"), adding("lovelace", "Ada@example.org"))
    assert Counter(told) == {"saved": 1, TAKEN: 1}
    assert User.objects.filter(email__iexact="ada@example.org").count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_who_are_given_one_address_one_has_it(changing, member, _round):
    ada, grace = (member("viewer", email=f"{it}@example.org") for it in ("ada", "grace"))
    new = "new@example.org"
    told = together(changing(ada, email=new), changing(grace, email=new))
    assert Counter(told) == {"saved": 1, TAKEN: 1}
    assert User.objects.filter(email=new).count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_cannot_be_given_the_address_of_who_is_just_added(adding, changing, member, _round):
    ada = member("viewer", email="ada@example.org")
    told = together(adding("grace", "new@example.org"), changing(ada, email="new@example.org"))
    assert Counter(told) == {"saved": 1, TAKEN: 1}
    assert User.objects.filter(email="new@example.org").count() == 1


def test_a_password_that_is_set_meanwhile_stays(changing, member):
    ada = member("viewer", email="ada@example.org")

    def set_password():
        other = User.objects.get(pk=ada.pk)
        other.set_password("another long one")
        other.save(update_fields=["password"])

    assert in_turn(set_password, changing(ada, first_name="Ada")) == "saved"
    ada.refresh_from_db()
    assert ada.first_name == "Ada"
    assert ada.check_password("another long one")


def renaming(user):
    return lambda: User.objects.filter(pk=user.pk).update(last_name="Byron")


def test_who_sets_their_password_leaves_what_a_colleague_changes(posting_as, member):
    ada = member("viewer")
    new = "another long one"
    values = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    own = posting_as(ada, "/admin/password_change/", values)
    assert in_turn(renaming(ada), own).status_code == 302
    ada.refresh_from_db()
    assert (ada.last_name, ada.check_password(new)) == ("Byron", True)


def test_who_sets_anothers_password_leaves_what_a_colleague_changes(posting_as, member):
    ada, root = member("viewer"), member("administrator")
    new = "another long one"
    values = {"usable_password": "true", "set-password": "1", "password1": new, "password2": new}
    others = posting_as(root, f"{USERS}{ada.pk}/password/", values)
    assert in_turn(renaming(ada), others).status_code == 302
    ada.refresh_from_db()
    assert (ada.last_name, ada.check_password(new)) == ("Byron", True)
