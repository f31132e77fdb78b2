"""An OpenID Connect provider of the tests' own: a real server that signs what it is told to."""

import base64
import hashlib
import json
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "npq-portal", "a secret between the two"


@cache
def key_of(_whom):
    """Return a private key, the same one for the same name, as making them is slow."""
    return rsa.generate_private_key(65537, 2048)


class OpenIdProvider:
    """Signs everybody in as ``claims`` say; ``changes`` go into the ID token, to make it a bad one.

    ``signs_with`` may be another key than the one published, ``refuses`` an error of the first
    step, ``breaks`` the path at which it answers 500.
    """

    def __init__(self):
        self.key = self.signs_with = key_of("the provider")
        self.algorithm = "RS256"
        self.claims = {"sub": "248289", "email": "ada@example.org", "email_verified": True}
        self.changes = {}
        self.refuses = self.breaks = None
        self.granted = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                url = urlsplit(self.path)
                provider.answer(self, url.path, {k: v[0] for k, v in parse_qs(url.query).items()})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.answer(self, self.path, {k: v[0] for k, v in parse_qs(body).items()})

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def settings(self):
        return {
            "OIDC_RP_CLIENT_ID": CLIENT_ID,
            "OIDC_RP_CLIENT_SECRET": CLIENT_SECRET,
            "OIDC_OP_ISSUER": self.url,
            "OIDC_OP_AUTHORIZATION_ENDPOINT": f"{self.url}/authorize",
            "OIDC_OP_TOKEN_ENDPOINT": f"{self.url}/token",
            "OIDC_OP_USER_ENDPOINT": f"{self.url}/userinfo",
            "OIDC_OP_JWKS_ENDPOINT": f"{self.url}/jwks",
            "OIDC_OP_LOGOUT_ENDPOINT": f"{self.url}/log-out",
        }

    def answer(self, handler, path, given):
        if path == self.breaks:
            return self.send(handler, 500, {"error": "broken"})
        if path == "/authorize":
            return self.authorize(handler, given)
        if path == "/token":
            return self.give_token(handler, given)
        if path == "/jwks":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return self.send(handler, 200, {"keys": [{**public, "kid": "1", "alg": "RS256"}]})
        if path == "/userinfo" and handler.headers["Authorization"] == "Bearer an access token":
            return self.send(handler, 200, self.claims)
        return self.send(handler, 404, {})

    def authorize(self, handler, given):
        assert given["client_id"] == CLIENT_ID
        assert given["response_type"] == "code"
        assert set(given["scope"].split()) == {"openid", "email"}
        assert given["code_challenge_method"] == "S256"
        self.granted = given
        outcome = {"error": self.refuses} if self.refuses else {"code": "a code"}
        query = urlencode({**outcome, "state": given["state"]})
        return self.send(handler, 302, {}, Location=f"{given['redirect_uri']}?{query}")

    def give_token(self, handler, given):
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        expected = {
            "code": "a code",
            "client_secret": CLIENT_SECRET,
            "client_id": CLIENT_ID,
            "redirect_uri": self.granted["redirect_uri"],
        }
        if challenge != self.granted["code_challenge"] or not expected.items() <= given.items():
            return self.send(handler, 400, {"error": "invalid_grant"})
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": self.claims["sub"],
            "iat": now,
            "exp": now + 300,
            "nonce": self.granted["nonce"],
            **self.changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        keys = {"RS256": self.signs_with, "HS256": CLIENT_SECRET * 2, "none": ""}
        key = keys[self.algorithm]
        token = jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": "1"})
        return self.send(handler, 200, {"access_token": "an access token", "id_token": token})

    def send(self, handler, status, document, **headers):
        body = json.dumps(document).encode()
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
