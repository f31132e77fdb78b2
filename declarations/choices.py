"""The words of declarations and statements that are stored and answered."""

from django.db.models import TextChoices


class DeclarationState(TextChoices):
    """Where a declaration stands between a provider's word and the department's money.

    ``submitted`` is recorded but not funded; ``eligible`` will be paid on the statement it
    belongs to; ``payable`` is on a statement whose deadline has passed; ``paid`` has been paid.
    ``voided`` was taken back before payment, ``awaiting-clawback`` after it, and ``clawed-back``
    is money that has come back. ``ineligible`` is never paid: a duplicate, or a participant who
    left before the started cut-off (rules 8.10).
    """

    SUBMITTED = "submitted", "Submitted"
    ELIGIBLE = "eligible", "Eligible"
    PAYABLE = "payable", "Payable"
    PAID = "paid", "Paid"
    VOIDED = "voided", "Voided"
    INELIGIBLE = "ineligible", "Ineligible"
    AWAITING_CLAWBACK = "awaiting-clawback", "Awaiting clawback"
    CLAWED_BACK = "clawed-back", "Clawed back"


class StatementState(TextChoices):
    """Where a statement stands: it takes declarations on, awaits payment, or has been paid."""

    OPEN = "open", "Open"
    PAYABLE = "payable", "Payable"
    PAID = "paid", "Paid"
