"""How many rows a second ``import_applications`` takes, and how much memory.

Run as ``python -m benchmarks.import_applications [ROWS]``, on a throw-away SQLite database; under
``python -m tests.postgresql`` on PostgreSQL.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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
            manage("import_applications", str(file))
            seconds = time.perf_counter() - started
            print(f"{run}: {rows / seconds:,.0f} rows a second ({seconds:.1f} s)")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"at most {peak:,.0f} MB of memory")


def manage(*arguments: str) -> None:
    """Run a command of ``manage.py``."""
    subprocess.run([sys.executable, "manage.py", *arguments], check=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
