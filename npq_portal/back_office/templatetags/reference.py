"""What can be edited of the row that a page shows, and added to a list (rules 14.11)."""

from typing import Any

from django import template
from django.db.models import Model
from django.template.context import RequestContext

from npq_portal.back_office.reference.edits import Edit, additions, offered

register = template.Library()


@register.simple_tag(takes_context=True)
def edits_of(context: RequestContext, row: Model) -> list[Edit]:
    """Return how the user may edit ``row``."""
    return offered(context["user"], row)


@register.simple_tag(takes_context=True)
def additions_to(context: RequestContext, options: Any) -> list[Edit]:
    """Return what the user may add to the rows of the model with these ``options``."""
    return additions(context["user"], options.model)
