"""``send_notifications`` (rules 11.13)."""

import os
import select
import signal
from types import FrameType, TracebackType
from typing import Any, Self

import structlog
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, close_old_connections, connection
from django.utils import timezone

from npq_portal.database import is_fault
from outcomes.channels import Way, way_out
from outcomes.choices import Channel
from outcomes.services.sending import send_next

log = structlog.get_logger(__name__)

IDLE = 1.0
"""Seconds until a worker that found nothing due looks again."""

LONGEST_AWAY = 30.0
"""Seconds, at most, until a worker whose database is away tries it again."""


class Command(BaseCommand):
    help = (
        "Send the notifications that participants are owed, as they fall due, until told to stop"
        " (SIGTERM or Ctrl-C), which is after the message in hand."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now, and exit")

    def handle(self, *_args: Any, **options: Any) -> None:
        with StopSignals() as stop, way_out() as way:
            self.stderr.write(f"Sending notifications: {Channel(way.channel).label}.")
            if options["once"]:
                self._send_due(way, stop)
            else:
                self._work(way, stop)
        self.stderr.write("Stopped.")

    def _send_due(self, way: Way, stop: "StopSignals") -> None:
        due_by = timezone.now()
        try:
            while not stop.wait(0) and send_next(way=way, now=timezone.now, due_by=due_by):
                pass
        except Error as error:
            if not is_fault(error):
                raise
            raise CommandError("The database does not answer.") from error

    def _work(self, way: Way, stop: "StopSignals") -> None:
        pause, away = 0.0, 1.0
        while not stop.wait(pause):
            # As between two requests: what is too old or broken is replaced.
            close_old_connections()
            try:
                pause = 0.0 if send_next(way=way, now=timezone.now) else IDLE
                away = 1.0
            except Error as error:
                if not is_fault(error):
                    raise
                log.warning("database_away", error=type(error).__name__, again_in_seconds=away)
                connection.close()
                pause, away = away, min(away * 2, LONGEST_AWAY)


class StopSignals:
    """Notes SIGTERM and SIGINT, which would else end the process amid a message."""

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        self._before = {it: signal.signal(it, self._note) for it in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for it, handler in self._before.items():
            signal.signal(it, handler)
        os.close(self._reader)
        os.close(self._writer)

    def wait(self, seconds: float) -> bool:
        """Wait for a signal, no longer than ``seconds``; return whether one has come."""
        return bool(select.select([self._reader], [], [], seconds)[0])

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        os.write(self._writer, b".")
