"""Every page of the admin: those of each registered model, and those that stand alone."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import reverse

from declarations.models import Statement
from npq_portal.back_office.corrections.kinds import KINDS
from npq_portal.back_office.reference.edits import EDITS
from npq_portal.providers.models import ApiToken
from outcomes.models import Notification

ALL_ROLES = "all roles"
"""Who has every role there is, to look at every page."""


class AdminPage(NamedTuple):
    """A page, who looks at it, and how its path is found once there are rows."""

    name: str
    path: Callable[[], str]
    role: str | None = ALL_ROLES


def standing_alone(name, path, role=ALL_ROLES):
    return AdminPage(name, lambda: path, role)


ALONE = [
    standing_alone("front page", "/admin/"),
    standing_alone("front page of a viewer", "/admin/", role="viewer"),
    standing_alone("log-in", "/admin/login/", role=None),
    standing_alone("one app", "/admin/participants/"),
    standing_alone("change of password", "/admin/password_change/"),
    standing_alone("list with a filter", "/admin/declarations/declaration/?state__exact=paid"),
    standing_alone("list without rows", "/admin/participants/participant/?q=nobody"),
]


def of_models() -> Iterator[AdminPage]:
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    for model, model_admin in admin.site._registry.items():
        kinds = ["changelist", "change", "history"]
        if model_admin.has_add_permission(request):
            kinds.append("add")
        if model_admin.has_delete_permission(request):
            kinds.append("delete")
        for kind in kinds:
            yield AdminPage(f"{model._meta.label} {kind}", partial(path_of, model, kind))
        if hasattr(model, "history"):
            yield AdminPage(f"{model._meta.label} version", partial(path_of_version, model))


def path_of(model, kind, **wanted):
    needs_row = kind not in {"changelist", "add"}
    return reverse(url_name(model, kind), args=[first(model, **wanted).pk] if needs_row else [])


def path_of_version(model):
    row = first(model)
    return reverse(url_name(model, "simple_history"), args=[row.pk, row.history.first().pk])


def first(model, **wanted):
    row = model._default_manager.filter(**wanted).first()
    assert row is not None, f"There is no {model._meta.verbose_name} to look at: make one."
    return row


def url_name(model, kind):
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}"


def of_commands() -> Iterator[AdminPage]:
    """The forms that run commands, each on a row that it is for."""
    for model, name, wanted in (
        (Notification, "send_again", {"state": "given-up"}),
        (ApiToken, "rotate", {"revoked_at": None}),
        (ApiToken, "revoke", {"revoked_at": None}),
        (Statement, "authorise", {"state": "payable"}),
    ):
        yield AdminPage(f"{model._meta.label} {name}", partial(path_of, model, name, **wanted))


def of_corrections() -> Iterator[AdminPage]:
    """The form of each kind of correction, on the first record that it is offered for."""
    for slug, kind in KINDS.items():
        if not kind.only_undoes:
            yield AdminPage(f"correction {slug}", partial(path_of_correction, kind))


def path_of_correction(kind):
    record = next(filter(kind.is_offered, kind.about.objects.all()), None) or first(kind.about)
    return reverse("admin:back_office_correction_make", args=[kind.slug, record.pk])


def of_reference_data() -> Iterator[AdminPage]:
    """The form of each edit, on the first row that it is offered for."""
    for slug, edit in EDITS.items():
        yield AdminPage(f"reference {slug}", partial(path_of_edit, edit))


def path_of_edit(edit):
    if edit.adds:
        return reverse("reference_add", args=[edit.slug])
    row = next(filter(edit.is_offered, edit.about.objects.all()))
    return reverse("reference_edit", args=[edit.slug, row.pk])


PAGES = [*ALONE, *of_models(), *of_commands(), *of_corrections(), *of_reference_data()]
