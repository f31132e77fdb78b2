"""The one lock of rows that the ORM has no word for."""

from django.db import connection
from django.db.models import Model


def share_lock(row: Model) -> None:
    """Keep ``row`` as it is until commit, while others may keep it too; it is not read again."""
    # SQLite has no row locks: there writers come one by one.
    if not connection.features.has_select_for_update:
        return
    table = connection.ops.quote_name(row._meta.db_table)  # noqa: SLF001 - public in all but name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR SHARE", [row.pk])  # noqa: S608 - our own table
