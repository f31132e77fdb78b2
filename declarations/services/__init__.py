"""Commands on declarations and statements (rules 8 and 10)."""

from declarations.services.assessment import reassess_declarations, reassess_schedule
from declarations.services.copying import CopyReport, copy_cohort
from declarations.services.corrections import claw_back, record_for_provider, void_for_provider
from declarations.services.listing import relist_declarations
from declarations.services.payment import make_payable, mark_paid
from declarations.services.periods import edit_payment_period
from declarations.services.prices import (
    ContractPriceRow,
    load_contract_prices,
    set_contract_price,
)
from declarations.services.recording import Submission, record_declaration
from declarations.services.statements import (
    load_payment_periods,
    open_statement,
    open_statements_for,
)
from declarations.services.voiding import void_declaration

__all__ = [
    "ContractPriceRow",
    "CopyReport",
    "Submission",
    "claw_back",
    "copy_cohort",
    "edit_payment_period",
    "load_contract_prices",
    "load_payment_periods",
    "make_payable",
    "mark_paid",
    "open_statement",
    "open_statements_for",
    "reassess_declarations",
    "reassess_schedule",
    "record_declaration",
    "record_for_provider",
    "relist_declarations",
    "set_contract_price",
    "void_declaration",
    "void_for_provider",
]
