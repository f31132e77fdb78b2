"""How many rows a second ``import_applications`` takes, and whether its memory grows with them.

Run as ``python -m benchmarks.import_applications [ROWS]``, on a throw-away SQLite database; under
``python -m tests.postgresql`` on PostgreSQL.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.watching import memory_of
from tests.registration_service import as_csv, exported_rows

PROVIDERS = ["North Teaching School", "South Teaching School"]


def main(rows: int = 100_000) -> None:
    """Import a file of ``rows`` applications twice and print what that took."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/db.sqlite3")
        os.environ.update(SECRET_KEY="for-this-run-alone", DEBUG="false")
        file = Path(folder) / "applications.csv"
        file.write_text(as_csv(exported_rows(rows, PROVIDERS)))
        manage("migrate", "--verbosity=0")
        manage("load_reference_data")
        for provider in PROVIDERS:
            manage("create_lead_provider", provider)
        for run in ("new rows", "known rows"):
            started = time.perf_counter()
            resident = memory_of_import(file)
            seconds = time.perf_counter() - started
            print(
                f"{run}: {rows / seconds:,.0f} rows a second ({seconds:.1f} s);"
                f" {resident[len(resident) // 10]:.0f} MB resident after a tenth of that,"
                f" {resident[-1]:.0f} MB in the end, at most {max(resident):.0f} MB"
            )


def memory_of_import(file: Path) -> list[float]:
    """Import ``file``; return the megabytes that were resident, ten times a second."""
    command = [sys.executable, "manage.py", "import_applications", str(file)]
    resident = []
    with subprocess.Popen(command) as importing:
        while importing.poll() is None:
            memory = memory_of(importing.pid)
            if memory is not None:
                resident.append(memory.rss)
            time.sleep(0.1)
    if importing.returncode != 0:
        raise SystemExit("The file was not imported.")
    return resident


def manage(*arguments: str) -> None:
    """Run a command of ``manage.py``."""
    subprocess.run([sys.executable, "manage.py", *arguments], check=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
