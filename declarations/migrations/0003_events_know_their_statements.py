from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Q, Subquery


def tell_the_newest(apps: Any, _schema_editor: Any) -> None:
    """Give the newest event of each declaration the statements that the declaration is on."""
    declaration = apps.get_model("declarations", "Declaration")
    event = apps.get_model("declarations", "DeclarationEvent")
    on_statements = declaration.objects.filter(
        Q(statement__isnull=False) | Q(clawback_statement__isnull=False)
    )
    newest = event.objects.filter(declaration=OuterRef("pk")).order_by("-id").values("id")[:1]
    own = declaration.objects.filter(pk=OuterRef("declaration_id"))
    event.objects.filter(pk__in=on_statements.order_by().values(newest=Subquery(newest))).update(
        statement_id=Subquery(own.values("statement_id")[:1]),
        clawback_statement_id=Subquery(own.values("clawback_statement_id")[:1]),
    )


class Migration(migrations.Migration):
    dependencies = [("declarations", "0002_amounts_and_lines")]

    operations = [migrations.RunPython(tell_the_newest, migrations.RunPython.noop, elidable=True)]
