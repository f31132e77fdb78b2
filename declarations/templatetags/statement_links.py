"""Links from what a statement says to the declarations behind it (rules 10.9)."""

from django import template
from django.urls import reverse
from django.utils.http import urlencode

from declarations.choices import StatementState
from declarations.figures import Line
from declarations.models import Statement

register = template.Library()


@register.simple_tag
def declarations_url(statement: Statement, line: Line | None = None) -> str:
    """Return the address of the list of what ``statement`` pays for, on one line or in all."""
    return _list_url("statement__id__exact", statement, line)


@register.simple_tag
def refunds_url(statement: Statement, line: Line | None = None) -> str:
    """Return the address of the list of what ``statement`` takes back, on one line or in all."""
    return _list_url("clawback_statement__id__exact", statement, line)


def _list_url(lookup: str, statement: Statement, line: Line | None) -> str:
    query = {lookup: str(statement.pk)}
    if line is not None:
        was_paid = lookup.startswith("clawback") or statement.state == StatementState.PAID
        course = "paid_course" if was_paid else "application__course"
        query[f"{course}__id__exact"] = str(line.course.pk)
        query["declaration_type__exact"] = line.declaration_type.value
    return f"{reverse('admin:declarations_declaration_changelist')}?{urlencode(query)}"
