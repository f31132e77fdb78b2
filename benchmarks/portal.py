"""A portal without records, in this process and on a server of its own."""

import os

from benchmarks.import_applications import manage
from tests.postgresql import Server


def set_up(server: Server, **variables: str) -> None:
    """Make the tables and the shipped reference data, and let this process use them.

    ``variables`` are of the environment, for whatever is started from here as well.
    """
    os.environ.update(
        DATABASE_URL=server.url,
        SECRET_KEY="for-this-run-alone",
        DEBUG="false",
        ALLOW_HTTP="true",
        LOG_LEVEL="ERROR",
        DJANGO_SETTINGS_MODULE="npq_portal.settings",
        **variables,
    )
    manage("migrate", "--verbosity=0")
    manage("load_reference_data")
    import django

    django.setup()
