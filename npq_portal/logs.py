"""Lines of the log: JSON without secrets and without what was stored or sent (rules 18.2, 18.3)."""

import sys
import traceback
from collections.abc import Iterator
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from npq_portal.providers.secrets import hide_secrets

OURS = ("npq_portal", "outcomes", "declarations", "participants", "schedules")
FRAMES = 30
"""How many calls of an error are logged, the innermost of them."""

_as_json = structlog.processors.JSONRenderer()


def drop_values_of_libraries(
    _logger: WrappedLogger, _name: str, event_dict: EventDict
) -> EventDict:
    """Keep of a library's message what its author wrote, without the values that it puts in.

    Those are paths, host names, headers: whatever a client sent. With an error its message may be
    what that says, so the error's kind has to do.
    """
    record = event_dict["_record"]
    if record.name.partition(".")[0] in OURS:
        return event_dict
    error = record.exc_info and record.exc_info[1]
    message = error or record.msg
    event_dict["event"] = message if isinstance(message, str) else type(message).__name__
    return event_dict


def tell_error(_logger: WrappedLogger, _name: str, event_dict: EventDict) -> EventDict:
    """Replace an error with where it was raised and of what kind it is."""
    given = event_dict.pop("exc_info", None) or None
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if error is not None:
        event_dict["exception"] = describe(error)
    return event_dict


def describe(error: BaseException) -> str:
    """Return the traceback of ``error`` and of what caused it, the first cause first.

    What they say is left out: a database quotes the row that it refuses, a parser the text.
    """
    return "\n".join(reversed([_describe_one(each) for each in _with_causes(error)]))


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _describe_one(error: BaseException) -> str:
    calls = "".join(traceback.format_tb(error.__traceback__, limit=-FRAMES))
    kind = type(error)
    # A database's code for the error, and the name of the constraint, are words of the schema.
    diagnosis = getattr(error, "diag", None)
    details = [getattr(error, "sqlstate", None), getattr(diagnosis, "constraint_name", None)]
    known = ", ".join(str(each) for each in details if each)
    return f"{calls}{kind.__module__}.{kind.__qualname__}" + (f" ({known})" if known else "")


def write_line(_logger: WrappedLogger, _name: str, event_dict: EventDict) -> str:
    """Return one line of ASCII, in which nobody's text can begin another line or a colour."""
    return hide_secrets(str(_as_json(_logger, _name, event_dict)))


PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso"),
    tell_error,
]
"""What every line goes through, whoever logs it."""


def configure_structlog() -> None:
    """Let structlog's loggers hand their lines to the handlers of the standard library."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *PROCESSORS,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def json_formatter() -> structlog.stdlib.ProcessorFormatter:
    """Return the formatter of all handlers."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[drop_values_of_libraries, *PROCESSORS],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, write_line],
    )
