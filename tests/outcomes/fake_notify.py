"""A GOV.UK Notify of our own: real HTTP, and wrong in whichever way it is told to be."""

import json
import os
import signal
import threading
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt

SERVICE_ID = "6a3c1f0e-3f0b-4c1e-8d5b-2f8f5d1f9a10"
SECRET = "b1d4c7a2-9e3f-4a68-8c55-0e7d6f4b2c91"
API_KEY = f"tests-{SERVICE_ID}-{SECRET}"
TEMPLATE_ID = "5f1d2c3b-7a8e-4f90-b1c2-d3e4f5a6b7c8"
MEMBERS = {"email_address", "template_id", "personalisation", "reference"}


@dataclass(frozen=True)
class Reaction:
    """What comes of a request; without a ``status`` the connection is dropped unanswered."""

    status: int | None = 201
    takes: bool = False
    error: str = "Error"
    message: str = "A fault"
    silent: bool = False
    kills: bool = False
    unreadable: bool = False


TAKE = Reaction(takes=True)
DROP, TAKE_AND_DROP = (Reaction(None, takes=it) for it in (False, True))
IGNORE, TAKE_AND_IGNORE = (Reaction(None, takes=it, silent=True) for it in (False, True))
FAIL, TAKE_AND_FAIL = (Reaction(500, takes=it) for it in (False, True))
GARBLE, TAKE_AND_GARBLE = (Reaction(takes=it, unreadable=True) for it in (False, True))
KILL, TAKE_AND_KILL = (Reaction(None, takes=it, kills=True) for it in (False, True))
LIMIT = Reaction(429, error="RateLimitError")


class FakeNotify:
    """The service and what it knows: the messages ``taken``, and the references asked for.

    ``silences`` can be acquired for each request that was left without an answer.
    """

    def __init__(self):
        self.taken = []
        self.looked_up = []
        self.faults = []
        self.silences = threading.Semaphore(0)
        self._sends: deque[Reaction] = deque()
        self._look_ups: deque[Reaction] = deque()
        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.fake = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        assert self.faults == []

    def will(self, *reactions):
        """React like this to the next messages; after these it takes every message."""
        self._sends.extend(reactions)

    def will_look_up(self, *reactions):
        """React like this to the next look-ups; after these it tells what it knows."""
        self._look_ups.extend(reactions)

    def forget_what_to_do(self):
        """React to everything as a Notify that is well."""
        self._sends.clear()
        self._look_ups.clear()

    def references(self):
        return [it["reference"] for it in self.taken]

    def take(self, message):
        reaction = self._sends.popleft() if self._sends else TAKE
        if reaction.takes:
            self.taken.append(message)
        return reaction, {"id": str(uuid4()), "reference": message["reference"]}

    def find(self, reference):
        self.looked_up.append(reference)
        reaction = self._look_ups.popleft() if self._look_ups else Reaction(200)
        known = [it for it in self.taken if it["reference"] == reference]
        return reaction, {"notifications": known, "links": {}}


class Server(ThreadingHTTPServer):
    """Answers each request in a thread of its own."""

    fake: FakeNotify


class Handler(BaseHTTPRequestHandler):
    """Speaks version 2 of Notify's API, as far as e-mails go."""

    server: Server

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.check("path", self.path == "/v2/notifications/email")
        self.check("members", body.keys() == MEMBERS)
        self.check("template", body["template_id"] == TEMPLATE_ID)
        self.check("form", body["personalisation"].keys() == {"subject", "body"})
        self.react(*self.server.fake.take(body))

    def do_GET(self):
        url = urlsplit(self.path)
        self.check("path", url.path == "/v2/notifications")
        (reference,) = parse_qs(url.query)["reference"]
        self.react(*self.server.fake.find(reference))

    def react(self, reaction, answer):
        self.check_token()
        if reaction.kills:
            os.kill(int(self.headers["X-Worker"]), signal.SIGKILL)
        if reaction.silent:
            self.connection.recv(1)  # until the client gives up
            self.server.fake.silences.release()
        if reaction.status is None:
            return
        if reaction.status >= 400:
            error = {"error": reaction.error, "message": reaction.message}
            answer = {"status_code": reaction.status, "errors": [error]}
        content = b"<html>" if reaction.unreadable else json.dumps(answer).encode()
        self.send_response(reaction.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def check_token(self):
        scheme, _, token = self.headers["Authorization"].partition(" ")
        claims = jwt.decode(token, SECRET, ["HS256"], options={"verify_iat": False})
        self.check("scheme", scheme == "Bearer")
        self.check("header", jwt.get_unverified_header(token) == {"typ": "JWT", "alg": "HS256"})
        self.check("issuer", claims["iss"] == SERVICE_ID)
        self.check("time", isinstance(claims["iat"], int))

    def check(self, what, holds):
        # Noted, since an exception here would not reach the test.
        if not holds:
            self.server.fake.faults.append(what)

    def log_message(self, *_):
        """Keep standard error for what matters."""
