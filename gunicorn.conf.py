"""How gunicorn serves; its command line and ``GUNICORN_CMD_ARGS`` come before this."""

import os
from typing import Any

wsgi_app = "npq_portal.wsgi"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))  # each has a connection to the database

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

control_socket_disable = True  # signals are enough


def post_worker_init(worker: Any) -> None:
    """Let a worker, once it has the application, look for garbage less often."""
    from npq_portal.garbage import collect_less_often  # its folder is on the path by now

    collect_less_often()
