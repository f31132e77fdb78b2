"""What migrations tell PostgreSQL alone."""

from typing import Any

from django.db.migrations.operations.base import Operation


class PlanForTheLargest(Operation):
    """Let plans that hold for all values of a column expect as many rows as its commonest has.

    Otherwise they expect the average, and a list whose plan is right for that sorts all rows of
    the largest provider to show a page of them (ADR 17). It holds from the next ANALYZE on.
    """

    reversible = True

    def __init__(self, model_name: str, column: str) -> None:
        self.model_name, self.column = model_name, column

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change no model."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, _from_state: Any, to_state: Any
    ) -> None:
        self._alter("SET (n_distinct = 1)", app_label, schema_editor, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, _to_state: Any
    ) -> None:
        self._alter("RESET (n_distinct)", app_label, schema_editor, from_state)

    def describe(self) -> str:
        return f"Plan for the most rows that a {self.column} of {self.model_name} has"

    def _alter(self, change: str, app_label: str, schema_editor: Any, state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        table = state.apps.get_model(app_label, self.model_name)._meta.db_table  # noqa: SLF001
        quote = schema_editor.quote_name
        schema_editor.execute(f"ALTER TABLE {quote(table)} ALTER {quote(self.column)} {change}")
