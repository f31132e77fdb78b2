"""Bodies that a client sends in pieces, without saying how long they are (rules 3.3)."""

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_BYTES = 1_000_000
"""The most that the API reads of a body."""


class ChunkedBodies:
    """Give a body without a length the length it has, or Django would read it as empty.

    No more is read than it takes to see that a body is too large. The server has to mark where
    bodies end, as gunicorn does.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self.application = application

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if environ.get("wsgi.input_terminated") and not environ.get("CONTENT_LENGTH"):
            body = environ["wsgi.input"].read(max(MAX_BYTES, settings.LARGEST_FORM) + 1)
            environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return self.application(environ, start_response)
