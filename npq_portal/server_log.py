"""What gunicorn itself says, as lines of the log like all others (rules 18.2, 18.3)."""

import logging
from typing import Any

from gunicorn.glogging import Logger

from npq_portal.logs import json_formatter

REFUSED = "Invalid request"
"""With this gunicorn begins what it says of a request that it refuses by itself."""


class ServerLogger(Logger):
    """Writes gunicorn's own messages in JSON; its access log, where one is asked for, as told.

    A ``logconfig_dict`` would do as well, but lets gunicorn work out the line of an access log that
    nobody asked for, with every request.
    """

    def setup(self, cfg: Any) -> None:
        """Configure the log from gunicorn's configuration, at the start and when it is reloaded."""
        super().setup(cfg)
        self.error_log.addFilter(keep_nothing_of_requests)
        for handler in self.error_log.handlers:
            handler.setFormatter(json_formatter())


def keep_nothing_of_requests(record: logging.LogRecord) -> bool:
    """Leave in ``record`` what gunicorn says of itself; of a request, only that it was refused.

    Such a message quotes the line that could not be read, with the values put in already. Errors
    and what is for debugging are left to the formatter, which keeps no values.
    """
    if record.levelno >= logging.INFO and not record.exc_info:
        message, *_ = record.getMessage().split("\n")  # a traceback quotes what it is about
        record.msg = f"{REFUSED}." if message.startswith(REFUSED) else message
        record.args = ()
    return True
