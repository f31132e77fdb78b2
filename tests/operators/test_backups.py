"""Backups (rules 17.1, 17.2), with the drill: from a database under load to another, proved."""

import hashlib
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from uuid import UUID

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from npq_portal.back_office import backups
from npq_portal.back_office.management.commands import restore_database
from npq_portal.history import Actor
from npq_portal.providers.services import create_api_token
from tests.factories.participants import listed_enrolment

WRITERS = 3
PATH = "/api/v1/participant-declarations"


class Writer:
    """A provider that declares and voids, again and again, and notes what was acknowledged."""

    def __init__(self, address):
        enrolment = listed_enrolment()
        by = Actor(command="test")
        token = create_api_token(lead_provider=enrolment.lead_provider, by=by, at=timezone.now())[1]
        self._person = str(enrolment.participant_id)
        self._client = {
            "base_url": address,
            "headers": {"Authorization": f"Bearer {token}"},
            "timeout": 60,
            "trust_env": False,
        }
        self.acknowledged = {}
        """The state of each declaration, by its id."""

    def write(self, warm, stop):
        """Write until told to stop; meet the others at ``warm`` when there is something."""
        with httpx.Client(**self._client) as client:
            self._declare_and_void(client, 0)
            warm.wait()
            number = 0
            while not stop.is_set():
                number += 1
                self._declare_and_void(client, number)

    def _declare_and_void(self, client, number):
        minute, second = divmod(number, 60)
        attributes = {
            "participant_id": self._person,
            "declaration_type": "started",
            "declaration_date": f"2021-11-05T09:{minute:02}:{second:02}Z",
            "course_identifier": "npq-headship",
        }
        declaration = self._note(client.post(PATH, json={"data": {"attributes": attributes}}))
        self._note(client.put(f"{PATH}/{declaration}/void"))

    def _note(self, answer):
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        self.acknowledged[data["id"]] = data["attributes"]["state"]
        return data["id"]


def all_acknowledged(writers):
    return {it: state for each in writers for it, state in each.acknowledged.copy().items()}


def stored(database):
    """Return the state of each declaration in another database, by its id."""
    another = connection.copy()
    another.settings_dict["NAME"] = database
    with another.cursor() as cursor:
        cursor.execute("SELECT id, state FROM declarations_declaration")
        states = {str(UUID(str(it))): state for it, state in cursor.fetchall()}
    another.close()
    return states


def test_a_backup_under_load_is_restored_elsewhere_with_all_that_was_acknowledged(
    live_server, empty_database, manage, tmp_path
):
    writers = [Writer(live_server.url) for _ in range(WRITERS)]
    warm, stop = threading.Barrier(WRITERS + 1, timeout=60), threading.Event()
    file = tmp_path / "backup"
    with ThreadPoolExecutor(WRITERS) as threads:
        running = [threads.submit(it.write, warm, stop) for it in writers]
        try:
            warm.wait()
            before = all_acknowledged(writers)
            call_command("back_up_database", file)
        finally:
            stop.set()
        for it in running:
            it.result()
    assert len(all_acknowledged(writers)) > len(before) >= WRITERS

    restored = manage(empty_database, "restore_database", file)
    assert restored.stderr == "Everything is restored.\nNothing is wrong.\n"
    assert (restored.returncode, restored.stdout) == (0, "")
    states = stored(empty_database)
    assert before.keys() <= states.keys()
    for declaration, state in before.items():
        assert states[declaration] == "voided" or state != "voided"


@pytest.fixture
def backup(tmp_path, transactional_db):
    listed_enrolment()
    call_command("back_up_database", tmp_path / "backup", stderr=StringIO())
    return tmp_path / "backup"


def test_a_backup_is_for_its_owner_alone_and_its_checksum_as_others_write_it(backup):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    digest = hashlib.sha256(backup.read_bytes()).hexdigest()
    assert sorted(it.name for it in backup.parent.iterdir()) == ["backup", "backup.sha256"]
    assert backup.with_name("backup.sha256").read_text() == f"{digest}  backup\n"


def test_nothing_is_overwritten(backup):
    before = backup.read_bytes()
    with pytest.raises(CommandError, match=r"backup is there already, and nothing is overwritten"):
        call_command("back_up_database", backup)
    assert backup.read_bytes() == before
    backup.unlink()
    with pytest.raises(CommandError, match=r"backup\.sha256 is there already"):
        call_command("back_up_database", backup)
    assert not backup.exists()


def test_an_empty_database_is_not_worth_a_backup(empty_database, manage, tmp_path):
    refused = manage(empty_database, "back_up_database", tmp_path / "backup")
    assert refused.returncode == 1
    assert "The database is empty. Is DATABASE_URL the right one?" in refused.stderr
    assert not (tmp_path / "backup").exists()


def test_a_backup_that_fails_leaves_nothing_behind(transactional_db, tmp_path, monkeypatch):
    def fail(_file):
        raise OSError("No space left on device")

    monkeypatch.setattr(backups, "_digest", fail)
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("back_up_database", tmp_path / "backup")
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_not_empty_is_left_alone(backup):
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore_database", backup)


def test_a_file_that_is_not_what_was_written_is_refused(backup):
    with backup.open("ab") as content:
        content.write(b".")
    with pytest.raises(CommandError, match="its checksum differs"):
        call_command("restore_database", backup)


def test_a_file_without_its_checksum_is_refused(backup):
    backup.with_name("backup.sha256").unlink()
    with pytest.raises(CommandError, match=r"No such file.*backup\.sha256"):
        call_command("restore_database", backup)


def test_what_is_no_backup_is_refused_and_nothing_is_loaded(empty_database, manage, tmp_path):
    file = tmp_path / "letter"
    file.write_text("Dear all")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    file.with_name("letter.sha256").write_text(f"{digest}  letter\n")
    refused = manage(empty_database, "restore_database", file)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    again = manage(empty_database, "back_up_database", tmp_path / "backup")
    assert "The database is empty." in again.stderr


def test_what_an_older_release_left_has_to_be_migrated_before_it_is_checked(
    db, tmp_path, monkeypatch
):
    monkeypatch.setattr(restore_database, "restore", lambda _file: None)
    MigrationRecorder(connection).migration_qs.filter(app="back_office").delete()
    with pytest.raises(CommandError, match="from an older release: run `migrate`"):
        call_command("restore_database", tmp_path / "backup", stderr=StringIO())
