"""What the front page of the admin asks for (rules 13.8)."""

from django import template
from django.template.context import RequestContext
from django.utils import timezone

from npq_portal.back_office import attention
from npq_portal.back_office.charts import Chart, declarations_by_month

register = template.Library()


@register.simple_tag(takes_context=True)
def needs_attention(context: RequestContext) -> list[attention.Section]:
    """Return what needs attention now, as far as the user may view it."""
    return attention.sections(context["user"], at=timezone.now())


@register.simple_tag
def declarations_chart() -> Chart:
    """Return the declarations of the last months by state."""
    return declarations_by_month(timezone.now())
