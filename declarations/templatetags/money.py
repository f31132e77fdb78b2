"""How pages write amounts of money."""

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def pounds(amount: Decimal | None) -> str:
    """Return ``amount`` as £1,234.50, with a minus in front where it is negative.

    None, where no contract gives a price, is said in words.
    """
    if amount is None:
        return "no contract price"
    return f"{'−' if amount < 0 else ''}£{abs(amount):,.2f}"  # noqa: RUF001 - a minus, not a hyphen
