import importlib
import itertools

import pytest
from django.contrib.auth.models import Group, User
from django.urls import clear_url_caches

from npq_portal import urls as portal_urls
from npq_portal.staff import urls as staff_urls
from tests.staff.openid_provider import OpenIdProvider

PASSWORD = "correct horse battery"


LONGEST = {
    "simulation",
    "test_chaos.py",
    "test_from_file_to_outcome.py",
    "test_schema_fuzz.py",
    "test_seed_demo.py",
}


def pytest_collection_modifyitems(items):
    """Begin with what takes longest: were it last, the other processes would wait for it.

    Nor does it then work in a database that thousands of tests have filled and emptied.
    """
    items.sort(key=lambda item: not LONGEST.intersection(item.path.parts))


@pytest.fixture
def member(db):
    """Return a function that makes a member of staff with roles."""
    numbers = itertools.count(1)

    def make(*roles, **values):
        values = {"username": f"member{next(numbers)}", "is_staff": True, **values}
        user = User.objects.create_user(password=PASSWORD, **values)
        user.groups.set(Group.objects.filter(name__in=roles))
        return user

    return make


@pytest.fixture
def openid_provider():
    with OpenIdProvider() as provider:
        yield provider


def read_urls():
    importlib.reload(staff_urls)
    importlib.reload(portal_urls)
    clear_url_caches()


@pytest.fixture
def single_sign_on(settings, openid_provider):
    """Configure single sign-on with the provider of the tests."""
    before = dict.fromkeys(openid_provider.settings(), "")
    for name, value in openid_provider.settings().items():
        setattr(settings, name, value)
    settings.AUTHENTICATION_BACKENDS = [
        *settings.AUTHENTICATION_BACKENDS,
        "npq_portal.staff.single_sign_on.SignOnBackend",
    ]
    read_urls()
    yield openid_provider
    for name, value in before.items():
        setattr(settings, name, value)
    read_urls()
