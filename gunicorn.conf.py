"""How gunicorn serves; its command line and ``GUNICORN_CMD_ARGS`` come before this."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from npq_portal.environment import Environment
from npq_portal.garbage import collect_less_often

env = Environment.read()

wsgi_app = "npq_portal.wsgi"
worker_class = "gthread"
workers = env.int("WEB_CONCURRENCY", default=2, least=1)
threads = env.int("WEB_THREADS", default=8, least=1)  # each has a connection to the database

# Told to stop, it takes no new requests, and the ones in flight have this long: more than the
# database's limits leave to any of them.
graceful_timeout = 60
timeout = 60
keepalive = 5

# Whether a proxy is believed is the application's to say (BEHIND_PROXY), and not where it runs.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}

limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190

logger_class = "npq_portal.server_log.ServerLogger"

control_socket_disable = True  # signals are enough


def post_worker_init(worker: Any) -> None:
    """Let a worker, once it has the application, look for garbage less often."""
    collect_less_often()
