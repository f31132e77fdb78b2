from declarations.models import DeclarationEvent, StatementEvent
from tests.integrity.conftest import (
    change,
    change_with_history,
    found,
    opened,
    opened_last,
    opened_next,
    void,
)


def test_a_declaration_without(eligible):
    DeclarationEvent.objects.all().delete()
    assert found() == [f"Declaration {eligible.pk} has no history."]


def test_a_declaration_that_became_something_else(enrolment, eligible):
    change_with_history(eligible, statement=None)
    change(eligible, state="submitted")
    change(enrolment, eligible_for_funding=False)
    assert found() == [
        f"Declaration {eligible.pk} is submitted, but its history ends with eligible."
    ]


def test_a_declaration_that_moved_to_another_statement(eligible):
    former, statement = eligible.statement_id, opened_next(eligible.lead_provider)
    change(eligible, statement=statement)
    assert found() == [
        (
            f"Declaration {eligible.pk} has statement {statement.pk}, but its history ends with"
            f" {former}."
        )
    ]


def test_a_declaration_that_moved_to_another_clawback_statement(paid):
    former, statement = opened_next(paid.lead_provider), opened_last(paid.lead_provider)
    change(void(paid), clawback_statement=statement)
    assert found() == [
        (
            f"Declaration {paid.pk} has clawback_statement {statement.pk}, but its history ends"
            f" with {former.pk}."
        )
    ]


def test_a_declaration_that_lost_a_step(paid):
    DeclarationEvent.objects.filter(to_state="payable").delete()
    assert found() == [
        (
            f"The history of declaration {paid.pk} is broken: it was 'eligible', then went from"
            " 'payable' to paid."
        )
    ]


def test_a_declaration_that_took_a_forbidden_step(paid):
    DeclarationEvent.objects.filter(to_state="payable").delete()
    DeclarationEvent.objects.filter(to_state="paid").update(from_state="eligible")
    assert found() == [f"Declaration {paid.pk} went from 'eligible' to paid, against the rules."]


def test_a_statement_without(enrolment):
    statement = opened(enrolment.lead_provider)
    StatementEvent.objects.all().delete()
    assert found() == [f"Statement {statement.pk} has no history."]


def test_a_statement_that_became_something_else(enrolment):
    statement = opened(enrolment.lead_provider)
    change(statement, state="payable")
    assert found() == [f"Statement {statement.pk} is payable, but its history ends with open."]


def test_a_statement_that_lost_a_step(paid):
    StatementEvent.objects.filter(to_state="payable").delete()
    assert found() == [
        (
            f"Statement {paid.statement_id} was 'open', then went from 'payable' to paid, against"
            " the rules."
        )
    ]


def test_a_statement_that_took_a_forbidden_step(paid):
    StatementEvent.objects.filter(to_state="payable").delete()
    StatementEvent.objects.filter(to_state="paid").update(from_state="open")
    assert found() == [
        (
            f"Statement {paid.statement_id} was 'open', then went from 'open' to paid, against"
            " the rules."
        )
    ]
