"""Commands on declarations and statements (rules 8 and 10)."""

from declarations.services.assessment import reassess_declarations
from declarations.services.corrections import claw_back, record_for_provider, void_for_provider
from declarations.services.payment import make_payable, mark_paid
from declarations.services.prices import ContractPriceRow, load_contract_prices
from declarations.services.recording import Submission, record_declaration
from declarations.services.statements import (
    load_payment_periods,
    open_statement,
    open_statements_for,
)
from declarations.services.voiding import void_declaration

__all__ = [
    "ContractPriceRow",
    "Submission",
    "claw_back",
    "load_contract_prices",
    "load_payment_periods",
    "make_payable",
    "mark_paid",
    "open_statement",
    "open_statements_for",
    "reassess_declarations",
    "record_declaration",
    "record_for_provider",
    "void_declaration",
    "void_for_provider",
]
