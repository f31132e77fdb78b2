"""Who may open which page of the back office, over every page that there is (rules 13.1).

The pages come from the resolver: one that no table here knows makes the test fail. A page of a
model belongs into ``RIGHTS``, any other into ``PAGES``.
"""

from dataclasses import dataclass

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.urls import URLResolver, get_resolver, reverse

from npq_portal.back_office.reference.edits import EDITS
from npq_portal.staff.roles import ROLES
from tests.admin.test_pages import make

Roles = frozenset[str]

EVERY_ROLE = frozenset(ROLES)
NOBODY: Roles = frozenset()
ADMINISTRATOR = frozenset({"administrator"})
CASEWORKER = frozenset({"caseworker"})
FINANCE = frozenset({"finance"})
VISITORS = ("stranger", "nobody of the staff", *ROLES)


@dataclass(frozen=True)
class Rights:
    """Who may view the rows of a model, and do more with them on its own pages."""

    view: Roles = EVERY_ROLE
    add: Roles = NOBODY
    change: Roles = NOBODY


RIGHTS = {
    "auth_user": Rights(view=ADMINISTRATOR, add=ADMINISTRATOR, change=ADMINISTRATOR),
    "back_office_correction": Rights(view=CASEWORKER),
    "back_office_correctionfile": Rights(view=CASEWORKER, add=CASEWORKER),
    "back_office_integritycheck": Rights(view=EVERY_ROLE - {"viewer"}),
    "back_office_providerrequest": Rights(view=CASEWORKER),
    "declarations_contractprice": Rights(),
    "declarations_declaration": Rights(),
    "declarations_declarationevent": Rights(),
    "declarations_paymentperiod": Rights(),
    "declarations_statement": Rights(),
    "declarations_statementevent": Rights(),
    "outcomes_notification": Rights(),
    "outcomes_notificationattempt": Rights(),
    "outcomes_notificationresend": Rights(),
    "outcomes_outcome": Rights(),
    "participants_application": Rights(),
    "participants_applicationevent": Rights(),
    "participants_participant": Rights(),
    "participants_participantidchange": Rights(),
    "participants_participantlisting": Rights(),
    "providers_apitoken": Rights(add=ADMINISTRATOR),
    "providers_apitokenevent": Rights(),
    "providers_leadprovider": Rights(add=ADMINISTRATOR),
    "schedules_cohort": Rights(),
    "schedules_course": Rights(),
    "schedules_coursegroup": Rights(),
    "schedules_milestone": Rights(),
    "schedules_schedule": Rights(),
}


@dataclass(frozen=True)
class Page:
    """Who may open a page, what ``get`` and ``post`` answer them, and what ``others`` of the staff.

    ``post`` sends nothing, so that a form is shown again. Who is not of the staff is led to the
    log-in, except on a page that is open ``to_all`` and answers ``outside`` to their get.
    """

    who: Roles = EVERY_ROLE
    get: int = 200
    post: int = 200
    others: int = 403
    to_all: bool = False
    outside: int = 302


PAGES = {
    "admin:index": Page(),
    "admin:login": Page(get=302, to_all=True, outside=200),
    "admin:logout": Page(get=405, post=200),
    "admin:password_change": Page(),
    "admin:password_change_done": Page(post=405),
    "admin:autocomplete": Page(get=403, post=405),  # there is nothing to complete
    "admin:jsi18n": Page(post=405),
    "admin:view_on_site": Page(get=404, post=404),  # no record has a page elsewhere
    "admin:app_list auth": Page(ADMINISTRATOR, others=404),
    "admin:app_list back_office": Page(EVERY_ROLE - {"viewer"}, others=404),
    "admin:app_list declarations": Page(),
    "admin:app_list outcomes": Page(),
    "admin:app_list participants": Page(),
    "admin:app_list providers": Page(),
    "admin:app_list schedules": Page(),
    "admin:auth_user_password_change": Page(ADMINISTRATOR),
    "admin:back_office_correction_make": Page(CASEWORKER),
    "admin:back_office_correction_undo": Page(CASEWORKER),
    "admin:back_office_correctionfile_confirm": Page(CASEWORKER, get=302, post=302),
    "admin:back_office_correctionfile_discard": Page(CASEWORKER, get=302, post=302),
    "admin:back_office_correctionfile_go_on": Page(CASEWORKER, get=302, post=302),
    "admin:back_office_correctionfile_results": Page(CASEWORKER),
    "admin:back_office_correctionfile_template": Page(CASEWORKER),
    "admin:declarations_statement_assurance": Page(),
    "admin:declarations_statement_authorise": Page(FINANCE),
    "admin:outcomes_notification_send_again": Page(CASEWORKER),
    "admin:providers_apitoken_revoke": Page(ADMINISTRATOR),
    **{f"reference {slug}": Page(CASEWORKER) for slug in EDITS},
    "admin:providers_apitoken_rotate": Page(ADMINISTRATOR),
    "oidc_authentication_init": Page(get=302, post=405, to_all=True),
    "oidc_authentication_callback": Page(get=403, post=405, to_all=True, outside=403),
    "single_sign_out": Page(get=302, post=302, to_all=True),
}


def has_history(name):
    """Return whether a model's records have a history page, which auth's have from Django."""
    return hasattr(rows()[name], "history") or name == "admin:auth_user"


def pages_of_models():
    """Return the page of each name that a model's own pages have."""
    pages = {}
    for model, rights in RIGHTS.items():
        name = f"admin:{model}"
        pages[f"{name}_changelist"] = Page(rights.view)
        shown = 200 if has_history(name) else 302  # led to the record's page
        pages[f"{name}_history"] = Page(rights.view, get=shown, post=shown)
        pages[f"{name}_add"] = Page(rights.add)
        pages[f"{name}_delete"] = Page(NOBODY)
        pages[f"{name}_change"] = Page(rights.view, post=200 if rights.change else 403)
        pages[f"{name}_simple_history"] = Page(rights.view, post=403)
    return pages


def named(resolver, namespace=""):
    """Walk through the names of the patterns below ``resolver``; the admin's others lead there."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if not str(pattern.pattern).startswith(("api/", "health/")):
                inner = f"{pattern.namespace}:" if pattern.namespace else namespace
                yield from named(pattern, inner)
        elif pattern.name:
            yield f"{namespace}{pattern.name}"


def rows():
    """Return the registered models by the start of their pages' names."""
    return {f"admin:{it._meta.label_lower.replace('.', '_')}": it for it in admin.site._registry}


def newest(model):
    return model._default_manager.latest("pk").pk


def addresses(name):
    """Return the addresses to try under a name, by the name that the tables have for them."""
    if name == "admin:app_list":
        labels = {model._meta.app_label for model in admin.site._registry}
        return {f"{name} {label}": reverse(name, args=[label]) for label in labels}
    if name == "admin:view_on_site":
        row = User.objects.latest("pk")
        kind = ContentType.objects.get_for_model(User)
        return {name: reverse(name, args=[kind.pk, row.pk])}
    if name in {"reference_add", "reference_edit"}:
        adds = name == "reference_add"
        return {
            f"reference {slug}": reverse(name, args=[slug, *([] if adds else [newest(edit.about)])])
            for slug, edit in EDITS.items()
            if edit.adds == adds
        }
    model = next((it for start, it in rows().items() if name.startswith(f"{start}_")), None)
    if model is None or name.endswith(("_changelist", "_add")):
        return {name: reverse(name)}
    row = model._default_manager.latest("pk")
    args = [row.pk]
    if name == "admin:back_office_correction_make":
        args = [row.kind, row.record_id]
    if name == "admin:back_office_correctionfile_template":
        args = [row.kind]
    if name.endswith("_simple_history"):
        args.append(row.history.first().pk)
    return {name: reverse(name, args=args)}


@pytest.fixture
def known(single_sign_on, member):
    """Every page's address, with a row behind each that shows one."""
    make(1)
    member("viewer")
    found: dict[str, str] = {}
    for name in named(get_resolver()):
        if name not in {"schema", "docs"}:
            found |= addresses(name)
    return found


def status_for(visitor, page, method):
    if visitor in ROLES and visitor not in page.who:
        return page.others
    if visitor not in ROLES and not page.to_all:
        return 302
    if method == "post":
        return page.post
    return page.get if visitor in ROLES else page.outside


def test_the_tables_know_every_page_and_no_other(known):
    tables = PAGES | {name: it for name, it in pages_of_models().items() if name in known}
    assert set(known) == set(tables)
    assert set(RIGHTS) == {name.removeprefix("admin:") for name in rows()}


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_page_is_for_whom_the_tables_say(known, client, member, visitor, method):
    user = None
    if visitor in ROLES:
        user = member(visitor)
    elif visitor != "stranger":
        user = member(*ROLES, is_staff=False)
    if user is not None:
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    tables, wrong = PAGES | pages_of_models(), {}
    for name in sorted(known, key=lambda it: it == "admin:logout"):
        answer = getattr(client, method)(known[name])
        expected = status_for(visitor, tables[name], method)
        if answer.status_code != expected:
            wrong[name] = f"{answer.status_code}, not {expected}"
    assert wrong == {}
