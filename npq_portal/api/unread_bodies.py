"""Bodies that nobody reads, since the request is refused or needs none (rules 3.3)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from npq_portal.api.chunked_bodies import MAX_BYTES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class UnreadBodies:
    """Read what the application left of a body, as long as that is not too large.

    A server that finds too much of it left says that it keeps the connection, and closes it: the
    client's next request fails.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self.application = application

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        answer = self.application(environ, start_response)
        if environ.get("CONTENT_LENGTH"):
            environ["wsgi.input"].read(MAX_BYTES)
        return answer
