"""Addresses of the back office that nobody is led to, and what was typed into them."""

from datetime import date

import pytest

from declarations.models import PaymentPeriod
from schedules.models import Cohort
from tests.admin.test_pages import make
from tests.factories.schedules import CohortFactory

HUGE = "9" * 20
ENDLESS = "9" * 5_000
LISTS = {
    "/admin/participants/participant/": ("cohort", "course", "schedule"),
    "/admin/participants/application/": ("cohort__id__exact", "schedule__id__exact", "cohort"),
    "/admin/declarations/declaration/": (
        "application__cohort__id__exact",
        "application__schedule__id__exact",
        "statement__period__id__exact",
    ),
    "/admin/schedules/schedule/": ("cohort__id__exact", "accepted_from__year"),
    "/admin/auth/user/": ("groups__id__exact", "id", "date_joined__year"),
}


@pytest.fixture
def rows(db):
    """Records, and two to choose from in each filter, since Django offers none to choose one of."""
    make(1)
    cohort = CohortFactory.create(start_year=2022)
    for name in ("May", "June"):
        PaymentPeriod.objects.create(
            cohort=cohort,
            name=name,
            deadline_date=date(2022, 5, 1),
            payment_date=date(2022, 6, 1),
        )


@pytest.mark.parametrize("value", [HUGE, ENDLESS, "x", "\0"], ids=["huge", "endless", "x", "NUL"])
@pytest.mark.parametrize(
    ("path", "lookup"), [(path, lookup) for path, lookups in LISTS.items() for lookup in lookups]
)
def test_a_value_that_no_row_can_have_finds_none_or_leads_to_all(
    admin_client, rows, path, lookup, value
):
    answer = admin_client.get(path, {lookup: value})
    if answer.status_code == 302:
        assert answer["Location"] == f"{path}?e=1"
    else:
        assert answer.status_code == 200
        assert not answer.context["cl"].queryset.exists()


@pytest.mark.parametrize("key", [HUGE, "x", "\0"])
@pytest.mark.parametrize(
    "path",
    [
        "schedules/cohort/{known}/history/{key}/",
        "schedules/cohort/{key}/history/1/",
        "schedules/cohort/{key}/history/",
        "declarations/contractprice/{known}/history/{key}/",
        "participants/participant/{key}/history/1/",
        "participants/participant/{key}/history/",
        "r/{known}/{key}/",
        "r/{known}/{known}/",
        "r/{key}/{known}/",
    ],
)
def test_an_id_of_another_form_is_not_found(admin_client, rows, path, key):
    path = path.format(known=Cohort.objects.earliest("pk").pk, key=key.replace("\0", "%00"))
    assert admin_client.get(f"/admin/{path}").status_code == 404
