"""The same totals as the ledger's, counted in what the service keeps and answers."""

from decimal import Decimal

from django.db.models import Count, Sum

from declarations.models import Declaration
from outcomes.models import Notification, Outcome
from participants.models import Application


def totals(api):
    applications = _counted(Application, "status", "training_status")
    return {
        "declarations by state": dict(_counted(Declaration, "state")),
        "payments": _lines("statement"),
        "refunds": _lines("clawback_statement"),
        "statements": {
            record["id"]: _sums(record["attributes"])
            for provider in api.providers
            for record in api.statements(provider)
        },
        "applications": {(status, training or ""): n for status, training, n in applications},
        "outcomes": dict(_counted(Outcome, "state")),
        "notifications": dict(_counted(Notification, "state")),
    }


def _counted(model, *columns):
    return model.objects.order_by().values_list(*columns).annotate(Count("id"))


def _lines(column):
    rows = (
        Declaration.objects.filter(**{f"{column}__isnull": False})
        .order_by()
        .values_list(column, "application__course__identifier", "declaration_type")
        .annotate(Count("id"), Count("amount"), Sum("amount"))
    )
    return {
        (str(statement), course, type_): (count, priced, _pence(pounds or 0))
        for statement, course, type_, count, priced, pounds in rows
    }


def _sums(statement):
    total = statement["total"]
    return (
        statement["state"],
        statement["declarations"],
        statement["clawbacks"],
        None if total is None else _pence(Decimal(total)),
    )


def _pence(pounds):
    return round(pounds * 100)
