"""`make check` refuses a migration that the code from before it could not live with."""

from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

FIRST = """
from django.db import migrations, models

class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            "Note",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("text", models.CharField(max_length=100)),
                ("weight", models.IntegerField(null=True)),
            ],
        ),
    ]
"""
SECOND = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("back_office", "0001_first")]
    operations = [{operations}]
"""

FIELD = 'migrations.AddField("note", "by", models.CharField(max_length=100, {})),'
INDEX = 'migrations.AddIndex("note", models.Index(fields=["text"], name="note_text")),'

HARMLESS = {
    "a column that may be empty": FIELD.format("null=True"),
    "an index": INDEX,
    "a table": 'migrations.CreateModel("Other", [("id", models.AutoField(primary_key=True))]),',
}
BREAKING = {
    "a column gone": 'migrations.RemoveField("note", "text"),',
    "a column renamed": 'migrations.RenameField("note", "text", "words"),',
    "a column that older code leaves empty": FIELD.format('default=""'),
    "a table gone": 'migrations.DeleteModel("Note"),',
    "a table renamed": 'migrations.RenameModel("Note", "Remark"),',
    "a new uniqueness": (
        'migrations.AddConstraint("note", models.UniqueConstraint(fields=["text"], name="once")),'
    ),
}
if connection.vendor == "postgresql":  # which `make check` looks at; SQLite copies the table
    HARMLESS["a column that the database fills"] = FIELD.format('db_default=""')
    # What is altered is locked, for reading too, until the index is there.
    BREAKING["an index beside an altered table"] = FIELD.format("null=True") + INDEX


@pytest.fixture
def lint(django_db_setup, django_db_blocker, tmp_path, monkeypatch, settings):
    """Return a function that checks a second migration with these operations.

    It writes no more than SQL to look at, for which SQLite allows no transaction around it.
    """

    def check(operations):
        package = f"migrations_{uuid4().hex}"
        folder = tmp_path / package
        folder.mkdir()
        (folder / "__init__.py").touch()
        (folder / "0001_first.py").write_text(FIRST)
        (folder / "0002_second.py").write_text(SECOND.format(operations=operations))
        monkeypatch.syspath_prepend(tmp_path)
        settings.MIGRATION_MODULES = {"back_office": package}
        with django_db_blocker.unblock():
            call_command("lintmigrations", "back_office", verbosity=0)

    return check


@pytest.mark.parametrize("operations", HARMLESS.values(), ids=HARMLESS)
def test_what_older_code_need_not_know_passes(lint, operations):
    lint(operations)


@pytest.mark.parametrize("operations", BREAKING.values(), ids=BREAKING)
def test_what_older_code_relies_on_stays(lint, operations):
    with pytest.raises(SystemExit) as ended:
        lint(operations)
    assert ended.value.code == 1
