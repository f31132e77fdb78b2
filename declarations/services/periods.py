"""Moving the dates of a payment period (rules 14.11)."""

from datetime import date, datetime

from django.db import transaction
from django.db.models.functions import Greatest

from declarations.choices import StatementState
from declarations.models import PaymentPeriod
from declarations.rules import PeriodEdit, refusals_to_edit_period
from declarations.services.records import lock_providers
from declarations.services.statements import take_on_waiting
from npq_portal.clock import london_day
from npq_portal.corrections import check_reason, sign_version
from npq_portal.errors import NotFound, Refusals
from npq_portal.history import Actor


@transaction.atomic
def edit_payment_period(
    *,
    period_id: int,
    deadline_date: date,
    payment_date: date,
    reason: str,
    by: Actor,
    at: datetime,
) -> PaymentPeriod:
    """Set the dates (London days) of a period whose statements are all open, and return it.

    What waits is taken on where the deadline allows. Raises NotFound when there is no such period,
    Refused as rules 14.11 say.
    """
    providers = lock_providers(None)
    # Its statements take nothing on, and are not made payable, until the dates have moved.
    period = PaymentPeriod.objects.select_for_update().filter(pk=period_id).first()
    if period is None:
        raise NotFound(f"There is no payment period {period_id}.")
    states = list(
        period.statements.select_for_update().order_by("id").values_list("state", flat=True)
    )
    refusals = Refusals()
    reason = check_reason(reason, by, refusals)
    edit = PeriodEdit(
        dates=(period.deadline_date, period.payment_date),
        deadline_date=deadline_date,
        payment_date=payment_date,
        settled=[it for it in states if it != StatementState.OPEN],
        today=london_day(at),
    )
    refusals.note(*refusals_to_edit_period(edit))
    refusals.raise_any()
    period.deadline_date, period.payment_date = deadline_date, payment_date
    sign_version(period, reason=reason, by=by, at=at)
    period.save()
    period.statements.update(updated_at=Greatest("updated_at", at))
    take_on_waiting(providers, [period.cohort], by=by, at=at)
    return period
